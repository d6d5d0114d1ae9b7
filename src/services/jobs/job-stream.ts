import type { Clock } from '../../core/clock.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { JobEvent } from '../../core/job.ts'
import type { OpenStream } from '../streams/stream.ts'
import { jobTopic } from './job-log.ts'

/** The stream of a job's events: it opens with the job as it is. */
export function jobStream(jobId: string, clock: Clock): Omit<OpenStream, 'resume'> {
  return {
    topic: jobTopic(jobId),
    async snapshot({ ledger }) {
      const job = await ledger.find(jobId)
      if (job === null) throw new NotFoundError('job')
      const event: JobEvent = { type: 'JobSnapshot', at: clock.now(), job }
      return { ...event }
    },
  }
}
