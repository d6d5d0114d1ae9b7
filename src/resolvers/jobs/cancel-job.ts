import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

export function cancelJob(_root: unknown, { id }: { id: string }, context: RequestContext): Promise<Job> {
  return context.services.jobs.cancel(context.principal, id)
}
