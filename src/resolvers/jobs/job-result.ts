import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

/** The output, to be answered field by field. */
export function jobResult(job: Job, { services, readBudget }: RequestContext): Promise<unknown> {
  return services.jobs.output(job, readBudget, 'FIELDS')
}
