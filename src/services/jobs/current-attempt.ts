import type { Job } from '../../core/job.ts'
import type { Records } from '../../ports/store.ts'

/** The job of an attempt as it is now; `null` when another attempt, or none, is under way. */
export async function findCurrent({ ledger }: Records, { id, fence }: Job): Promise<Job | null> {
  const job = await ledger.find(id)
  return job?.state === 'RUNNING' && job.fence === fence ? job : null
}
