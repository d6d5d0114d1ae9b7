import type { ClusterStatus } from '../../core/cluster.ts'
import type { RequestContext } from '../context.ts'

export function clusterStatus(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<ClusterStatus> {
  return services.cluster.status(principal)
}
