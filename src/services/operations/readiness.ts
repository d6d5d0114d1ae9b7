import type { Finding, Health, HealthCheck, HealthChecks } from '../../core/health.ts'
import { onceForAll } from '../../core/once-for-all.ts'
import { within } from '../../core/within.ts'
import type { Logger } from '../../ports/logger.ts'

export interface ReadinessOptions {
  readonly checks: HealthChecks
  /** How long each check may take, in ms. */
  readonly deadlineMs: number
  readonly logger: Logger
  /** For how long findings are told again without another look, in ms (1,000). */
  readonly keepMs?: number
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs?: () => number
}

/** Whether this process is fit to serve. Asking costs next to nothing, however many ask. Disposing of it ends all looks. */
export interface Readiness extends Disposable {
  /** What was found, a second ago at most; who asks while somebody looks gets what is found. Never rejects. */
  read(): Promise<Health>
  /** From now on it says that it is draining. Its checks go on. */
  drain(): void
}

type Findings = Health['checks']

export function createReadiness(options: ReadinessOptions): Readiness {
  const { checks, keepMs = 1_000, monotonicMs = () => performance.now() } = options
  const looks = Object.entries(checks).map(([name, check]) => [name, createLook(name, check, options)] as const)
  let isDraining = false
  let isOver = false
  let known: { readonly findings: Findings; readonly atMs: number } | null = null

  const look = onceForAll(async (): Promise<Findings> => {
    const entries = await Promise.all(looks.map(async ([name, lookAtIt]) => [name, await lookAtIt()] as const))
    const findings = Object.fromEntries(entries)
    known = { findings, atMs: monotonicMs() }
    return findings
  })

  async function find(): Promise<Findings> {
    if (isOver) return known?.findings ?? {}
    if (known !== null && monotonicMs() - known.atMs < keepMs) return known.findings
    return look()
  }

  return {
    async read() {
      const found = await find()
      const isFit = Object.values(found).every(({ status }) => status === 'ok' || status === 'degraded')
      const status = isFit ? 'ok' : 'unfit'
      return { status: isDraining ? 'draining' : status, checks: found }
    },
    drain() {
      isDraining = true
    },
    [Symbol.dispose]() {
      isOver = true
    },
  }
}

/**
 * Looks once at a time, within the deadline: what is still hanging from an earlier look is not asked again. The log has a line when
 * a thing becomes unfit, with what is wrong, and one when it is fit again.
 */
function createLook(
  name: string,
  check: HealthCheck,
  { deadlineMs, logger }: Pick<ReadinessOptions, 'deadlineMs' | 'logger'>,
): () => Promise<Finding> {
  const tooSlow: Finding = { status: 'too slow', reason: `There was no answer within ${deadlineMs / 1000} seconds.` }
  let deadline = new AbortController()
  let cause: unknown = null
  let wasFit = true

  const look = onceForAll(() => {
    deadline = new AbortController()
    cause = null
    return lookOnce(check, deadline.signal, (error) => {
      cause = error
    })
  })

  function note({ status }: Finding): void {
    const isFit = status === 'ok' || status === 'degraded'
    if (isFit !== wasFit) {
      if (isFit) logger.info({ check: name }, 'A readiness check passes again.')
      else logger.warn({ check: name, status, ...(cause !== null && { err: cause }) }, 'A readiness check failed.')
    }
    wasFit = isFit
  }

  return async () => {
    const found = await within(deadlineMs, look(), tooSlow)
    note(found)
    if (found === tooSlow) deadline.abort()
    return found
  }
}

const notLookedAt: Finding = { status: 'failed', reason: 'It could not be reached.' }

async function lookOnce(check: HealthCheck, signal: AbortSignal, failed: (error: unknown) => void): Promise<Finding> {
  try {
    return await check(signal)
  } catch (error) {
    failed(error)
    return notLookedAt
  }
}
