import type { SystemEvent } from '../../services/operations/system/system-event.ts'
import type { RequestContext } from '../context.ts'

export async function watchSystem(_root: unknown, _args: object, { services, principal, resume }: RequestContext) {
  const stream: AsyncIterable<unknown> = await services.system.watch(principal, resume)
  // Each item's body becomes the root value of an execution (`server`), and the bodies of this topic are system events.
  return stream as AsyncIterable<SystemEvent>
}
