import type { MemberChanged } from '../../core/cluster.ts'
import type { Store } from '../../ports/store.ts'
import { keepFrom, retention } from '../streams/retention.ts'
import { boundedChange, type ClusterEvent, clusterTopic } from './cluster-event.ts'

/** Tells who watches the processes what befell one of them, and keeps it for who comes later. */
export function recordMemberChange(store: Pick<Store, 'write'>): (change: MemberChanged) => Promise<void> {
  return async (change) => {
    const event: ClusterEvent = { type: 'MemberChanged', ...boundedChange(change) }
    await store.write(({ log }) =>
      log.append(clusterTopic, { ...event }, { keep: keepFrom(event.at, retention.cluster) }),
    )
  }
}
