import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

export function jobOutput(job: Job, _arguments: object, context: RequestContext): Promise<unknown> {
  return context.services.jobs.output(job, context.readBudget)
}
