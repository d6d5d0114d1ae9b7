import type { ClusterStatus } from '../core/cluster.ts'

/** The processes that serve together, as one of them sees them. */
export interface ClusterView {
  /** Collected from all of them. Rejects when whoever knows does not answer in time. */
  status(): Promise<ClusterStatus>
}
