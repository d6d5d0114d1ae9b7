import type { Operation } from './operation.ts'

/** One answer of a subscription. Its `extensions.resume.cursor` is where to go on after it. */
export interface Frame<Data = Record<string, unknown>> {
  readonly data?: Data | null
  readonly errors?: readonly GraphQLFault[]
  readonly extensions?: { readonly resume?: ResumeReport; readonly [name: string]: unknown }
}

export interface ResumeReport {
  readonly cursor: string
  /** On the first frame of a stream, and on one that follows a gap. */
  readonly status?: 'fresh' | 'recovered' | 'snapshot'
  /** Whether events were missed that the server no longer has; the frame is then the present state. */
  readonly gap?: boolean
  readonly replayed?: number
}

export interface GraphQLFault {
  readonly message: string
  readonly extensions?: { readonly code?: string; readonly [name: string]: unknown }
}

/** The server's refusal of an operation: trying again would not help, or not before so many seconds. */
export class OperationError extends Error {
  readonly faults: readonly GraphQLFault[]
  /** How long the server asks to be left in peace; `null` when it does not say. */
  readonly retryAfterSeconds: number | null

  /** What a header `Retry-After` says counts beside the `extensions.retryAfterSeconds` of the faults: the longest of them. */
  constructor(faults: readonly GraphQLFault[], headerSeconds: number | null = null) {
    super(faults.map((fault) => fault.message).join(' ') || 'The server refused the operation.')
    this.name = 'OperationError'
    this.faults = faults
    const told = [headerSeconds, ...faults.map((fault) => fault.extensions?.['retryAfterSeconds'])].filter(isSeconds)
    this.retryAfterSeconds = told.length === 0 ? null : Math.max(...told)
  }

  /** The stable code of the first fault, if it has one. */
  get code(): string | null {
    return this.faults[0]?.extensions?.code ?? null
  }
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity
}

/** The server, or a proxy in its place, answered that it cannot serve now. */
export class UnavailableError extends Error {
  readonly status: number
  /** How long it asks to be left in peace; `null` when it does not say. */
  readonly retryAfterSeconds: number | null

  constructor(status: number, retryAfterSeconds: number | null) {
    super(`The server answered ${status}.`)
    this.name = 'UnavailableError'
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Headers of a request. */
export type Headers = Readonly<Record<string, string>>

/** Where to go on, and what to do where the log no longer reaches back so far. */
export interface Resume {
  /** A cursor, `earliest` or `now`; `null` begins anew. */
  readonly after: string | null
  readonly onGap: 'snapshot' | 'error'
}

/** What a transport needs to open a stream. */
export interface OpenOptions {
  /** The address of the GraphQL endpoint, `http:` or `https:`. */
  readonly url: string
  readonly operation: Operation
  readonly resume: Resume
  /** `authorization` or `x-api-key`, for instance, asked for at each request. Browsers send their cookies by themselves. */
  readonly headers: () => Promise<Headers>
  readonly signal: AbortSignal
  /** To be called when the server has taken the connection up and its bytes come through. */
  readonly onOpen: () => void
  /** To be called at every other sign that the server is there. */
  readonly onSign: () => void
  /** To be called when the server says how long to wait after the connection breaks, in ms. */
  readonly onRetry: (ms: number) => void
}

/**
 * Frames of one connection. Ends when the server completed the operation; throws an `OperationError` for a refusal, and
 * anything else when the connection was lost or could not be had. Lets its socket go when the signal is aborted.
 */
export type Transport = (options: OpenOptions) => AsyncIterable<Frame>

/** A transport with its name. */
export interface NamedTransport {
  readonly name: 'ws' | 'sse' | 'poll'
  readonly open: Transport
}

/** The operation with the place to go on where the server looks for it. */
export function withResume(operation: Operation, { after, onGap }: Resume, more: Record<string, unknown> = {}) {
  return { ...operation, extensions: { resume: { ...(after !== null && { after }), onGap }, ...more } }
}

/** A frame that belongs to no event says why there will be none. */
export function isRefusal(frame: Frame): boolean {
  return frame.errors !== undefined && frame.extensions?.resume === undefined
}

/** The refusal in the body of an answer; `null` when it is none that a GraphQL server writes. */
export function readRefusal(body: unknown, retryAfterSeconds: number | null): OperationError | null {
  if (typeof body !== 'object' || body === null || !('errors' in body) || !Array.isArray(body.errors)) return null
  const faults = body.errors.filter(isFault)
  return faults.length === 0 ? null : new OperationError(faults, retryAfterSeconds)
}

function isFault(value: unknown): value is GraphQLFault {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
}
