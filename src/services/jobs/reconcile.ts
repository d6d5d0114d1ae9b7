import type { Clock } from '../../core/clock.ts'
import type { Job } from '../../core/job.ts'
import type { Store } from '../../ports/store.ts'
import { type BlobClearing, clearBlobs } from './clear-blobs.ts'
import type { RunningAttempts } from './running-attempts.ts'
import { settleAttempt } from './settle-attempt.ts'
import { writeJobs } from './write-jobs.ts'

export interface ReconcileOptions extends BlobClearing {
  readonly store: Store
  readonly clock: Clock
  readonly attempts: RunningAttempts
  /** Called when jobs have become QUEUED. */
  found(): void
}

/**
 * What compares the jobs that the ledger says are running here with those that are: stops what is to be cancelled, and takes
 * back what in truth nobody runs (its end could not be written, or the lease was lost meanwhile).
 */
export function createReconciler(options: ReconcileOptions): (running: readonly Job[]) => Promise<void> {
  const { store, clock, logger, attempts, found } = options
  let strays = new Set<string>()

  async function takeBack(job: Job): Promise<void> {
    try {
      const end = { type: 'lost', message: 'The node had to let go of it.' } as const
      const settled = await writeJobs(store, (records) => settleAttempt(records, job, end, { at: clock.now() }))
      found()
      await clearBlobs(options, settled?.hashes ?? [])
    } catch (error) {
      logger.warn({ jobId: job.id, error: String(error) }, 'A job could not be taken back; it is tried again.')
    }
  }

  return async (running) => {
    for (const job of running) if (job.cancelRequestedAt !== null) attempts.cancel(job.id)
    const unattended = running.filter((job) => !attempts.has(job))
    const seenTwice = unattended.filter((job) => strays.has(claimName(job)))
    // One that was claimed a moment ago may not have begun yet: only what is seen twice is taken back.
    strays = new Set(unattended.map(claimName))
    for (const job of seenTwice) await takeBack(job)
  }
}

function claimName(job: Job): string {
  return `${job.id} ${job.fence}`
}
