import { tell } from '../fanout/bench.ts'
import { type Cluster, type ClusterOrder, nameOf, openCluster } from './open-cluster.ts'
import type { BenchRedis } from './redis-of-bench.ts'

export interface ClustersOrder {
  /** One server for each of these numbers, and another one with Redis, if there is one. */
  readonly members: readonly number[]
  readonly redis: BenchRedis | null
  readonly stopped: AbortSignal
}

/** Opens servers that differ in how many processes they have and in what carries their messages, one after another. */
export async function openClusters(
  { members, redis, stopped }: ClustersOrder,
  opened: AsyncDisposableStack,
): Promise<readonly Cluster[]> {
  const clusters: Cluster[] = []
  for (const order of members.flatMap((count) => ordersOf(count, redis))) {
    if (stopped.aborted) break
    tell(`a server starts: ${nameOf(order)}`)
    clusters.push(opened.use(await openCluster(order, stopped)))
  }
  return clusters
}

function ordersOf(members: number, redis: BenchRedis | null): readonly ClusterOrder[] {
  const own: ClusterOrder = { members, redisUrl: null }
  return redis === null ? [own] : [own, { members, redisUrl: redis.url }]
}
