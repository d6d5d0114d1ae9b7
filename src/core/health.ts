/** What a look at one thing that the server needs has found. `reason` is a short sentence that anybody may read. */
export type Finding =
  | { readonly status: 'ok' }
  | { readonly status: 'degraded' | 'failed' | 'too slow'; readonly reason: string }

/**
 * Looks at one thing that the server needs. What every process does without alike, such as a Redis that is away, is `degraded`: to
 * take all of them out of service for it would be the outage. Rejecting is `failed`, with what went wrong for the log alone.
 */
export type HealthCheck = (signal: AbortSignal) => Promise<Finding>

/** The checks by the names that they have in the answer. */
export type HealthChecks = Readonly<Record<string, HealthCheck>>

/** Whether requests should be sent to this process. `draining`: it is about to go, and serves on until then. */
export interface Health {
  readonly status: 'ok' | 'unfit' | 'draining'
  readonly checks: Readonly<Record<string, Finding>>
}

export const wellFinding: Finding = { status: 'ok' }
