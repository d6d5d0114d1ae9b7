import type { Job } from '../../core/job.ts'
import { type Attempt, type AttemptOptions, startAttempt } from './attempt.ts'

/** The attempts that are under way on this node. */
export interface RunningAttempts {
  /** How many are still to be given to the pool. */
  readonly waiting: number
  start(job: Job): void
  /** Whether this node runs the job under that very fence. */
  has(job: Job): boolean
  /** Stops the job's attempt, if there is one, because its cancel was asked for. */
  cancel(jobId: string): void
  /** The same for a hint, which proves nothing: only when the ledger says that it was asked for. */
  cancelIfAsked(jobId: string): Promise<void>
  handBackAll(): void
  /** Answers whose attempts these were. */
  abandonAll(): readonly Job[]
  /** Resolves when none is left. */
  allEnded(): Promise<void>
}

/** `ended` hears of each attempt's end, with the job as it left it (`null`: it was no longer the attempt's). */
export function createRunningAttempts(options: AttemptOptions, ended: (job: Job | null) => void): RunningAttempts {
  const { store, logger } = options
  const attempts = new Map<string, Attempt>()
  const whenEmpty = new Set<() => void>()

  const has = (job: Job) => attempts.get(job.id)?.job.fence === job.fence
  const cancel = (jobId: string) => attempts.get(jobId)?.cancel()

  async function follow(attempt: Attempt): Promise<void> {
    const job = await attempt.ended
    if (attempts.get(attempt.job.id) === attempt) attempts.delete(attempt.job.id)
    if (attempts.size === 0) for (const resolve of whenEmpty) resolve()
    ended(job)
  }

  return {
    get waiting() {
      return [...attempts.values()].filter(({ isWaiting }) => isWaiting).length
    },
    start(job) {
      const attempt = startAttempt(options, job)
      attempts.set(job.id, attempt)
      void follow(attempt)
    },
    has,
    cancel,
    async cancelIfAsked(jobId) {
      if (!attempts.has(jobId)) return
      try {
        const job = await store.read(({ ledger }) => ledger.find(jobId))
        if (job !== null && job.cancelRequestedAt !== null && has(job)) cancel(jobId)
      } catch (error) {
        logger.warn(
          { jobId, error: String(error) },
          'A cancel could not be looked up; the renewal of the lease finds it.',
        )
      }
    },
    handBackAll() {
      for (const attempt of attempts.values()) attempt.handBack()
    },
    abandonAll() {
      const abandoned = [...attempts.values()]
      for (const attempt of abandoned) attempt.abandon()
      return abandoned.map(({ job }) => job)
    },
    async allEnded() {
      if (attempts.size > 0) await new Promise<void>((resolve) => whenEmpty.add(resolve))
    },
  }
}
