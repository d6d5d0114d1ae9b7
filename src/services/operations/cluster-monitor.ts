import type { ClusterStatus } from '../../core/cluster.ts'
import type { Clock } from '../../core/clock.ts'
import { Refusal } from '../../core/errors.ts'
import { onceForAll } from '../../core/once-for-all.ts'
import type { Principal } from '../../core/principal.ts'
import type { ClusterView } from '../../ports/cluster-view.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import { assertMayAdminister } from '../accounts/administration/administrator.ts'
import type { Hub, ResumeRequest, TopicStream } from '../streams/stream.ts'
import { clusterStatusTopic } from './cluster-event.ts'
import { createStatusStream } from './status-stream.ts'

/**
 * Tells administrators of the processes that serve together. Both throw `UNAUTHENTICATED`, `SESSION_REVOKED`,
 * `INSUFFICIENT_SCOPE`, and `OVERLOADED` when the processes do not answer in time.
 */
export interface ClusterMonitor {
  status(principal: Principal): Promise<ClusterStatus>
  /** The topic `cluster`; item bodies are `ClusterEvent`. Throws what a cursor is refused with, too. */
  watch(principal: Principal, resume: ResumeRequest | null): Promise<TopicStream>
}

export interface ClusterMonitorOptions {
  readonly store: Pick<Store, 'read' | 'write'>
  readonly hub: Pick<Hub, 'open' | 'isOpen'>
  readonly clock: Clock
  readonly logger: Logger
  readonly view: ClusterView
}

/** Close it to stop sampling for those who watch. */
export function createClusterMonitor(options: ClusterMonitorOptions): ClusterMonitor & AsyncDisposable {
  const collect = onceForAll(() => collectStatus(options))
  const stream = createStatusStream({ ...options, topic: clusterStatusTopic, collect })

  return {
    async status(principal) {
      assertMayAdminister(principal)
      return collect()
    },
    async watch(principal, resume) {
      assertMayAdminister(principal)
      return stream.open(resume)
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  }
}

/**
 * Asks the view. What it fails with is logged, and told as `OVERLOADED`: it is a matter of a moment, or of the supervisor, whose
 * end the members do not outlive.
 */
async function collectStatus({ view, logger }: ClusterMonitorOptions): Promise<ClusterStatus> {
  try {
    return await view.status()
  } catch (error) {
    logger.warn({ error: String(error) }, 'The status of the cluster could not be collected.')
    const sentence = 'The processes did not tell their status in time: try again in a moment.'
    throw new Refusal('OVERLOADED', sentence, { retryAfterSeconds: 2 })
  }
}
