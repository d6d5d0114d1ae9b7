import type { JobState } from '../../core/job.ts'
import type { Builder } from '../builder.ts'

const values = {
  SCHEDULED: { description: 'Waits for its time, such as that of the next attempt after a failed one.' },
  QUEUED: { description: 'Waits for a free thread.' },
  RUNNING: { description: 'Is being run.' },
  SUCCEEDED: { description: 'Has ended with a result.' },
  FAILED: { description: 'Has ended with an error and is not tried again.' },
  CANCELLED: { description: 'Was stopped on request.' },
  EXPIRED: { description: 'Was not begun in time.' },
} as const satisfies Record<JobState, object>

/** Adds the enum `JobState`. */
export function addJobState(builder: Builder) {
  return builder.enumType('JobState', {
    description: 'What has become of a job. SUCCEEDED, FAILED, CANCELLED and EXPIRED are never left.',
    values,
  })
}

export type JobStateRef = ReturnType<typeof addJobState>
