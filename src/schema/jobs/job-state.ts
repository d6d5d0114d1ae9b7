import { type JobState, jobStates } from '../../core/job.ts'
import type { Builder } from '../builder.ts'

const meanings: Readonly<Record<JobState, string>> = {
  SCHEDULED: 'Waits for its time, such as that of the next attempt after a failed one.',
  QUEUED: 'Waits for a free thread.',
  RUNNING: 'Is being run.',
  SUCCEEDED: 'Has ended with a result.',
  FAILED: 'Has ended with an error and is not tried again.',
  CANCELLED: 'Was stopped on request.',
  EXPIRED: 'Was not begun in time.',
}

/** Adds the enum `JobState`. */
export function addJobState(builder: Builder) {
  return builder.enumType('JobState', {
    description: 'What has become of a job. SUCCEEDED, FAILED, CANCELLED and EXPIRED are never left.',
    values: Object.fromEntries(jobStates.map((state) => [state, { description: meanings[state] }])),
  })
}
