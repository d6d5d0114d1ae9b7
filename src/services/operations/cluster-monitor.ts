import type { ClusterStatus } from '../../core/cluster.ts'
import type { Clock } from '../../core/clock.ts'
import { Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { ClusterView } from '../../ports/cluster-view.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Records, Store } from '../../ports/store.ts'
import { assertMayAdminister } from '../accounts/administration/administrator.ts'
import type { Hub, ResumeRequest, TopicStream } from '../streams/stream.ts'
import { boundedStatus, type ClusterEvent, clusterTopic } from './cluster-event.ts'
import { createClusterSamples, readLastSample } from './cluster-samples.ts'

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
  const { store, hub, clock, logger } = options
  const collect = createCollecting(options)
  const isWatched = () => hub.isOpen(clusterTopic)
  const samples = createClusterSamples({ store, clock, logger, collect, isWatched })

  return {
    async status(principal) {
      assertMayAdminister(principal)
      return collect()
    },

    async watch(principal, resume) {
      assertMayAdminister(principal)
      const collected = boundedStatus(await collect())
      const stream = await hub.open({
        topic: clusterTopic,
        resume,
        async snapshot(records) {
          const event: ClusterEvent = {
            type: 'ClusterSnapshot',
            at: clock.now(),
            status: await newest(records, collected),
          }
          return { ...event }
        },
      })
      samples.wake()
      return stream
    },

    [Symbol.asyncDispose]: () => samples[Symbol.asyncDispose](),
  }
}

/**
 * Asks the view, once for all who ask while it collects. What it fails with is logged, and told as `OVERLOADED`: it is a
 * matter of a moment, or of the supervisor, whose end the members do not outlive.
 */
function createCollecting({ view, logger }: ClusterMonitorOptions): () => Promise<ClusterStatus> {
  let collecting: Promise<ClusterStatus> | null = null

  async function collect(): Promise<ClusterStatus> {
    try {
      return await view.status()
    } catch (error) {
      logger.warn({ error: String(error) }, 'The status of the cluster could not be collected.')
      const sentence = 'The processes did not tell their status in time: try again in a moment.'
      throw new Refusal('OVERLOADED', sentence, { retryAfterSeconds: 2 })
    }
  }

  return () =>
    (collecting ??= collect().finally(() => {
      collecting = null
    }))
}

/** The status as it was collected when the stream was opened or, where it has been open for a while, as it was sampled last. */
async function newest({ log }: Records, collected: ClusterStatus): Promise<ClusterStatus> {
  const sampled = await readLastSample(log)
  return sampled !== null && sampled.status.at > collected.at ? sampled.status : collected
}
