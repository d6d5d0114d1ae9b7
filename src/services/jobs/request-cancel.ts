import { isTerminal, type Job } from '../../core/job.ts'
import { changeState } from './change-state.ts'
import { appendStateChange } from './job-log.ts'
import type { JobRecords } from './write-jobs.ts'

/**
 * Asks a job to stop: one that does not run is CANCELLED at once, one that runs is marked, and can then end in no other
 * way. A job that has ended, or was asked before, is answered as it is; `null` when there is none.
 */
export async function requestCancel(records: JobRecords, jobId: string, at: number): Promise<Job | null> {
  // Each step is a compare-and-set: between two of them another node may have claimed the job, or handed it back.
  for (;;) {
    const stopped = await changeState(records, jobId, 'withdrawn', { change: { cancelRequestedAt: at }, at })
    if (stopped !== null) return stopped
    const marked = await records.ledger.update(
      jobId,
      { states: ['RUNNING'], cancelRequested: false },
      { cancelRequestedAt: at },
    )
    if (marked !== null) {
      await appendStateChange(records, marked, at)
      return marked
    }
    const job = await records.ledger.find(jobId)
    if (job === null || isTerminal(job.state) || job.cancelRequestedAt !== null) return job
  }
}
