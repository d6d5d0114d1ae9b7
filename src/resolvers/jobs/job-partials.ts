import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

/** The newest partial results, to be answered field by field. */
export function jobPartials(
  job: Job,
  last: number,
  { services, readBudget }: RequestContext,
): Promise<readonly unknown[]> {
  return services.jobs.partials(job, last, readBudget)
}
