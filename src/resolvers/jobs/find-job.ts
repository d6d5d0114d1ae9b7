import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

export function findJob(_root: unknown, { id }: { id: string }, context: RequestContext): Promise<Job | null> {
  return context.services.jobs.find(context.principal, id)
}
