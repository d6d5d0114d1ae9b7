import { isTerminal, type Job } from '../../core/job.ts'
import { type JobTransition, transitions } from '../../core/job-transitions.ts'
import type { JobChange, JobGuard } from '../../ports/ledger.ts'
import { appendStateChange } from './job-log.ts'
import type { JobRecords } from './write-jobs.ts'

export interface StateChange {
  /** Narrows down when the transition may happen, beside the states of the table. */
  readonly guard?: Omit<JobGuard, 'states'>
  readonly change?: Omit<JobChange, 'state'>
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Moves a job by a transition and tells its topic and its owner; `null` when the job was not where the transition starts. */
export async function changeState(
  records: JobRecords,
  jobId: string,
  transition: JobTransition,
  { guard, change, at }: StateChange,
): Promise<Job | null> {
  const { from, to } = transitions[transition]
  const finished = isTerminal(to) ? { finishedAt: at } : {}
  const job = await records.ledger.update(jobId, { ...guard, states: from }, { ...change, ...finished, state: to })
  if (job !== null) await appendStateChange(records, job, at)
  return job
}
