import type { Distribution } from '../../core/distribution.ts'
import { Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { RecordedDistribution } from '../../core/recorded-distribution.ts'
import type { ComputePool, PoolStatistics } from '../../ports/compute-pool.ts'
import type { Store } from '../../ports/store.ts'
import { assertScope, canReadPool } from './policies.ts'

/** What the threads of a node are doing, and what waits for them. */
export interface PoolStatus extends PoolStatistics {
  readonly nodeId: string
  /** Jobs that are QUEUED, on whatever node they will run. */
  readonly queued: number
  /** From being due to being claimed, of the jobs that this node has claimed since it started. */
  readonly queue: Distribution
}

/** Tells administrators of the threads. */
export interface PoolStatusReader {
  /** Throws `UNAUTHENTICATED`, `INSUFFICIENT_SCOPE` or `FORBIDDEN`. */
  read(principal: Principal): Promise<PoolStatus>
}

export interface PoolStatusOptions {
  readonly pool: Pick<ComputePool, 'statistics'>
  readonly store: Store
  readonly nodeId: string
  /** What `claimJobs` records. */
  readonly queueTimes: Pick<RecordedDistribution, 'read'>
}

/** `PoolStatusReader` of this node. */
export function createPoolStatus({ pool, store, nodeId, queueTimes }: PoolStatusOptions): PoolStatusReader {
  return {
    async read(principal) {
      if (!canReadPool(assertScope(principal, 'admin'))) {
        throw new Refusal('FORBIDDEN', 'Only administrators see what the threads are doing.')
      }
      const queued = await store.read(({ ledger }) => ledger.countQueued())
      return { ...pool.statistics(), nodeId, queued, queue: queueTimes.read() }
    },
  }
}
