import type { ClusterStatus } from '../../core/cluster.ts'
import { clusterStatus } from '../../resolvers/operations/cluster-status.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { ClusterMemberRef } from './cluster-member.ts'

/** Adds `ClusterStatus` and the query `clusterStatus`. */
export function addClusterStatus(builder: Builder, member: ClusterMemberRef) {
  const directives = requiresOneOf('admin')
  const status = builder.objectRef<ClusterStatus>('ClusterStatus').implement({
    description: 'All processes that serve together, as they are at a time.',
    directives,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When the processes were asked.' }),
      primaryPid: t.exposeInt('primaryPid', {
        ...forAllWhoMay,
        description:
          'The number in the operating system of the process that supervises the others; where none does, of the only one.',
      }),
      isSupervised: t.exposeBoolean('isSupervised', {
        ...forAllWhoMay,
        description: 'Whether a primary process supervises the members; false where one process serves alone.',
      }),
      startedAt: t.expose('startedAt', {
        ...forAllWhoMay,
        type: 'DateTime',
        description: 'When the whole server was started, which no restart of a member changes.',
      }),
      members: t.field({
        ...forAllWhoMay,
        type: [member],
        description: 'The processes that serve, by number. While one is being replaced there may be two of one number.',
        resolve: ({ members }) => members,
      }),
    }),
  })
  builder.queryField('clusterStatus', (t) =>
    t.field({
      type: status,
      directives,
      description:
        'The processes that serve together: what each has to do, how often it was started anew, and why. For administrators. The error OVERLOADED says that they did not answer in time.',
      resolve: clusterStatus,
    }),
  )
  return status
}

export type ClusterStatusRef = ReturnType<typeof addClusterStatus>
