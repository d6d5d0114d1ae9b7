import type { Logger } from '../../ports/logger.ts'
import type { Door } from './exchange.ts'
import { requireMethod } from './method.ts'
import { sendJson } from './send.ts'

/** What a check resolves to when the server does without the thing: worse than it should be, and fit all the same. */
export const degraded = Symbol('degraded')

/**
 * Looks at one thing that the server needs; rejects when it is not fit. What every process does without alike, such as a Redis
 * that is away, is `degraded`: to take all of them out of service for it would be the outage.
 */
export type HealthCheck = (signal: AbortSignal) => Promise<unknown>

type Verdict = 'ok' | 'degraded' | 'failed' | 'too slow'

export interface ReadinessOptions {
  readonly checks: Readonly<Record<string, HealthCheck>>
  /** How long each check may take. */
  readonly deadlineMs: number
  readonly isDraining: () => boolean
  readonly logger: Logger
}

/** Answers that the process is alive: it looks at nothing, so that a slow database does not get it killed. */
export const livenessDoor: Door = async ({ response, method }) => {
  requireMethod(method, ['GET', 'HEAD'])
  sendJson(response, 200, { status: 'ok' })
}

/** Answers whether requests should be sent here. Why a check failed is for the log only. */
export function createReadinessDoor({ checks, deadlineMs, isDraining, logger }: ReadinessOptions): Door {
  return async ({ response, method }) => {
    requireMethod(method, ['GET', 'HEAD'])
    const entries = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await verdict(name, check)] as const),
    )
    const fitness = entries.every(([, result]) => result === 'ok' || result === 'degraded') ? 'ok' : 'unfit'
    const status = isDraining() ? 'draining' : fitness
    sendJson(response, status === 'ok' ? 200 : 503, { status, checks: Object.fromEntries(entries) })
  }

  async function verdict(name: string, check: HealthCheck): Promise<Verdict> {
    const signal = AbortSignal.timeout(deadlineMs)
    const timedOut = new Promise<'too slow'>((resolve) => {
      signal.addEventListener('abort', () => resolve('too slow'), { once: true })
    })
    try {
      const looked = check(signal).then((found) => (found === degraded ? 'degraded' : 'ok'))
      return await Promise.race([looked, timedOut])
    } catch (error) {
      logger.warn({ check: name, err: error }, 'A readiness check failed.')
      return 'failed'
    }
  }
}
