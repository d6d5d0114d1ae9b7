import type { ClusterEvent } from '../../services/operations/cluster-event.ts'
import type { RequestContext } from '../context.ts'

export async function watchCluster(_root: unknown, _args: object, { services, principal, resume }: RequestContext) {
  const stream: AsyncIterable<unknown> = await services.cluster.watch(principal, resume)
  // Each item's body becomes the root value of an execution (`server`), and the bodies of this topic are cluster events.
  return stream as AsyncIterable<ClusterEvent>
}
