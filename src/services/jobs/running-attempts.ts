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
  handBackAll(): void
  abandonAll(): void
  /** Resolves when none is left. */
  allEnded(): Promise<void>
}

/** `ended` hears of each attempt's end, with the job as it left it (`null`: it was no longer the attempt's). */
export function createRunningAttempts(options: AttemptOptions, ended: (job: Job | null) => void): RunningAttempts {
  const attempts = new Map<string, Attempt>()
  const whenEmpty = new Set<() => void>()

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
    has: (job) => attempts.get(job.id)?.job.fence === job.fence,
    cancel: (jobId) => attempts.get(jobId)?.cancel(),
    handBackAll() {
      for (const attempt of attempts.values()) attempt.handBack()
    },
    abandonAll() {
      for (const attempt of attempts.values()) attempt.abandon()
    },
    async allEnded() {
      if (attempts.size > 0) await new Promise<void>((resolve) => whenEmpty.add(resolve))
    },
  }
}
