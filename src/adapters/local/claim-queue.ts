import type { Job } from '../../core/job.ts'
import type { Bus } from '../../ports/bus.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { Logger } from '../../ports/logger.ts'

export interface ClaimQueueOptions {
  readonly bus: Bus
  readonly logger: Logger
  /** Claims at most so many jobs for this node from the ledger. */
  claim(limit: number): Promise<readonly Job[]>
  /** About how many ms lie between two looks into the ledger while nothing is announced. */
  readonly pollMs?: number
}

const channel = 'job-queue'

/** A `JobQueue` that is the ledger itself: the bus wakes who waits, and a look each second mends what the bus lost. */
export async function claimQueue(options: ClaimQueueOptions): Promise<JobQueue> {
  const { bus, logger, claim, pollMs = 1000 } = options
  const waiting = new Set<() => void>()
  let announcements = 0
  /** How many announcements there had been when nothing was left in the ledger; -1 where it is to be looked at in any case. */
  let emptySince = -1
  let closed = false
  const unsubscribe = await bus.subscribe(channel, wake)
  // What was announced before the bus came back was not heard.
  const stopWatching = bus.onChange((isLive) => isLive && wake())

  function wake(): void {
    announcements += 1
    for (const resume of waiting) resume()
  }

  /** `null` when the ledger cannot be asked. */
  async function tryClaim(limit: number): Promise<readonly Job[] | null> {
    try {
      return await claim(limit)
    } catch (error) {
      logger.warn({ error: String(error) }, 'No jobs could be claimed; it is tried again.')
      return null
    }
  }

  return {
    announce: () => bus.publish(channel, null),

    async take(limit, signal) {
      while (!signal.aborted && !closed) {
        const most = limit()
        if (most <= 0) return []
        // What is announced during the look may come too late for it; after a failure there is always a pause.
        const seen = announcements
        const jobs = emptySince === seen ? [] : await tryClaim(most)
        if (jobs !== null && jobs.length < most) emptySince = seen
        if (jobs !== null && jobs.length > 0) return jobs
        const isNews = jobs !== null && announcements !== seen
        if (isNews || signal.aborted || closed) continue
        await pause(waiting, pollMs, signal)
        emptySince = -1
      }
      return []
    },

    async [Symbol.asyncDispose]() {
      closed = true
      unsubscribe()
      stopWatching()
      for (const resume of waiting) resume()
    },
  }
}

/** Waits until it is woken, for half to one and a half of the pause, that not all nodes look at once. */
function pause(waiting: Set<() => void>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const resume = () => {
      clearTimeout(timer)
      waiting.delete(resume)
      signal.removeEventListener('abort', resume)
      resolve()
    }
    const timer = setTimeout(resume, ms * (0.5 + Math.random()))
    waiting.add(resume)
    signal.addEventListener('abort', resume)
  })
}
