import type { Clock } from '../../core/clock.ts'
import type { Job } from '../../core/job.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import type { BlobClearer } from './clear-blobs.ts'
import type { LeaseLoss } from './lease-trust.ts'
import type { RunningAttempts } from './running-attempts.ts'
import { type AttemptEnd, settleAttempt } from './settle-attempt.ts'
import { writeJobs } from './write-jobs.ts'

export interface ReconcileOptions {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly clearer: Pick<BlobClearer, 'clear'>
  readonly attempts: RunningAttempts
  /** Called when jobs have become QUEUED. */
  found(): void
}

/** Compares the jobs that the ledger says are running here with those that are. */
export interface Reconciler {
  /**
   * Stops what is to be cancelled, and takes back what in truth nobody runs: what was let go of because of the store is handed
   * back, the rest is lost.
   */
  reconcile(running: readonly Job[]): Promise<void>
  /** Lets go of all jobs because the lease was lost. */
  letGo(cause: LeaseLoss): void
}

/** One of the jobs may have made the process stand still, and would do so again: that uses up their losses. */
const ends: Readonly<Record<LeaseLoss, AttemptEnd>> = {
  stoodStill: { type: 'lost', message: 'Its process stood still for too long.' },
  notRenewed: { type: 'handedBack' },
}

const unwritten: AttemptEnd = { type: 'lost', message: 'The node could not write its end.' }

export function createReconciler(options: ReconcileOptions): Reconciler {
  const { store, clock, logger, clearer, attempts, found } = options
  let strays = new Set<string>()
  let abandoned = new Map<string, AttemptEnd>()

  async function takeBack(job: Job): Promise<void> {
    const end = abandoned.get(claimName(job)) ?? unwritten
    try {
      const settled = await writeJobs(store, (records) => settleAttempt(records, job, end, { at: clock.now() }))
      found()
      clearer.clear(settled?.hashes ?? [])
    } catch (error) {
      logger.warn({ jobId: job.id, error: String(error) }, 'A job could not be taken back; it is tried again.')
    }
  }

  return {
    async reconcile(running) {
      for (const job of running) if (job.cancelRequestedAt !== null) attempts.cancel(job.id)
      const unattended = running.filter((job) => !attempts.has(job))
      const seenTwice = unattended.filter((job) => strays.has(claimName(job)))
      // One that was claimed a moment ago may not have begun yet: only what is seen twice is taken back.
      strays = new Set(unattended.map(claimName))
      const names = new Set(running.map(claimName))
      abandoned = new Map([...abandoned].filter(([name]) => names.has(name)))
      for (const job of seenTwice) await takeBack(job)
    },
    letGo(cause) {
      for (const job of attempts.abandonAll()) abandoned.set(claimName(job), ends[cause])
    },
  }
}

function claimName(job: Job): string {
  return `${job.id} ${job.fence}`
}
