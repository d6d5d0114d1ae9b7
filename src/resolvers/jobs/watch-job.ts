import type { JobEvent } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

export async function watchJob(_root: unknown, { id }: { id: string }, context: RequestContext) {
  const stream: AsyncIterable<unknown> = await context.services.jobs.watch(context.principal, id, context.resume)
  // Each item's body becomes the root value of an execution (`server`), and the bodies of this topic are job events.
  return stream as AsyncIterable<JobEvent>
}
