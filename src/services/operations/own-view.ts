import type { ProcessLoad } from '../../core/cluster.ts'
import type { Clock } from '../../core/clock.ts'
import type { ClusterView } from '../../ports/cluster-view.ts'

export interface OwnViewOptions {
  readonly nodeId: string
  readonly pid: number
  readonly clock: Clock
  load(): ProcessLoad
}

/** What there is to see where nobody supervises: the process itself, which serves from now on. */
export function ownView({ nodeId, pid, clock, load }: OwnViewOptions): ClusterView {
  const startedAt = clock.now()
  return {
    async status() {
      const at = clock.now()
      const member = { number: 1, nodeId, pid, state: 'READY', startedAt, restarts: 0, lastEnd: null } as const
      return {
        at,
        primaryPid: pid,
        isSupervised: false,
        startedAt,
        members: [{ ...member, load: load(), heardAt: at }],
      }
    },
  }
}
