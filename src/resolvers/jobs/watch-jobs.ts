import type { JobsEvent } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

export async function watchJobs(_root: unknown, _args: object, { services, principal, resume }: RequestContext) {
  const stream: AsyncIterable<unknown> = await services.jobs.watchAll(principal, resume)
  // Each item's body becomes the root value of an execution (`server`), and the bodies of this topic are such events.
  return stream as AsyncIterable<JobsEvent>
}
