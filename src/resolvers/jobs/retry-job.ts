import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'
import type { Refused } from '../refused.ts'
import { type JobOptionsInput, readJobOptions } from './read-job-options.ts'
import { submissionOutcome } from './submission-outcome.ts'

interface Arguments {
  readonly id: string
  readonly options?: JobOptionsInput | null | undefined
}

export function retryJob(_root: unknown, { id, options }: Arguments, context: RequestContext): Promise<Job | Refused> {
  const { services, principal } = context
  const asked = readJobOptions(options)
  return submissionOutcome(context, asked, () => services.jobs.retry(principal, id, asked))
}
