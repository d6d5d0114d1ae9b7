import { isTerminal, type Job, type JobEvent, type JobStateChange } from '../../core/job.ts'
import type { EventBody } from '../../ports/event-log.ts'
import type { Records } from '../../ports/store.ts'
import type { JobRecords } from './write-jobs.ts'

/** The topic on which everything about a job is told. */
export function jobTopic(jobId: string): string {
  return `job:${jobId}`
}

/** Whether it is the topic of a job. */
export function isJobTopic(topic: string): boolean {
  return topic.startsWith('job:')
}

/** What is told on the job's topic alone. */
type JobNews = Exclude<JobEvent, JobStateChange>

/** Appends to the job's topic, in the transaction that changes the job. */
export async function appendJobEvent({ log }: Records, event: JobNews): Promise<void> {
  await log.append(jobTopic(event.job.id), { ...event })
}

/** Tells the job's topic of its new state, and its owner. The event that tells of a job's end is the last. */
export async function appendStateChange({ log, changed }: JobRecords, job: Job, at: number): Promise<void> {
  const change: JobStateChange = { type: 'JobStateChanged', at, job }
  await log.append(jobTopic(job.id), { ...change }, { last: isTerminal(job.state) })
  changed(change)
}

/** What a body on a job's topic says. */
export function readJobEvent(body: EventBody): JobEvent {
  // Nothing but the functions above, and the snapshot made beside it, writes to these topics.
  return body as unknown as JobEvent
}
