import type { Distribution } from '../../core/distribution.ts'
import type { Principal } from '../../core/principal.ts'
import type { PoolStatistics } from '../../ports/compute-pool.ts'

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
