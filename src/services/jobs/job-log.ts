import { isTerminal, type JobEvent } from '../../core/job.ts'
import type { EventBody } from '../../ports/event-log.ts'
import type { Records } from '../../ports/store.ts'

/** The topic on which everything about a job is told. */
export function jobTopic(jobId: string): string {
  return `job:${jobId}`
}

/** Appends to the job's topic, in the transaction that changes the job. The event that tells of a job's end is the last. */
export async function appendJobEvent({ log }: Records, event: JobEvent): Promise<void> {
  await log.append(jobTopic(event.job.id), { ...event }, { last: isTerminal(event.job.state) })
}

/** What a body on a job's topic says. */
export function readJobEvent(body: EventBody): JobEvent {
  // Nothing but `appendJobEvent`, and the snapshot made beside it, writes to these topics.
  return body as unknown as JobEvent
}
