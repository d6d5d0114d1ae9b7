import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../../core/job.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { Logger } from '../../ports/logger.ts'

export interface ClaimLoopOptions {
  readonly queue: JobQueue
  readonly logger: Logger
  /** How many jobs can be begun now. */
  room(): number
  begin(job: Job): void
}

/** Takes jobs from the queue for as long as it is not stopped. */
export interface ClaimLoop {
  /** There may be room again. */
  wake(): void
  /** Takes no more; resolves when a claim that was under way has brought its jobs. */
  stop(): Promise<void>
}

/** How long the queue is left alone after it failed, in ms. */
const pauseMs = 1000

/** Begins at once. */
export function startClaimLoop({ queue, logger, room, begin }: ClaimLoopOptions): ClaimLoop {
  const stopping = new AbortController()
  let changed = Promise.withResolvers<void>()

  async function take(): Promise<void> {
    try {
      for (const job of await queue.take(room, stopping.signal)) begin(job)
    } catch (error) {
      logger.error({ error: String(error) }, 'No jobs could be taken from the queue; it is tried again.')
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (room() > 0) await take()
      else await changed.promise
    }
  }

  function wake(): void {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  const running = run()
  return {
    wake,
    async stop() {
      stopping.abort()
      wake()
      await running
    },
  }
}
