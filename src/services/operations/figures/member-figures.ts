import { type ClusterStatus, memberStates } from '../../../core/cluster.ts'
import type { Readings } from '../../../core/metrics.ts'

/** How many members are in each state, those included in which none is. */
export function memberFigures({ members }: Pick<ClusterStatus, 'members'>): Readings {
  return {
    millrace_members: memberStates
      .filter((state) => state !== 'ENDED')
      .map((state) => ({ labels: { state }, value: members.filter((member) => member.state === state).length })),
  }
}
