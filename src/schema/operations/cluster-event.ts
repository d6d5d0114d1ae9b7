import type { MemberChange } from '../../core/cluster.ts'
import { watchCluster } from '../../resolvers/operations/watch-cluster.ts'
import type { ClusterEvent } from '../../services/operations/cluster-event.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { ClusterMemberRef } from './cluster-member.ts'
import type { ClusterStatusRef } from './cluster-status.ts'

type ClusterEventOf<Type extends ClusterEvent['type']> = Extract<ClusterEvent, { readonly type: Type }>

const directives = requiresOneOf('admin')

const changes = {
  STARTED: { description: 'A process was started.' },
  READY: { description: 'It serves from now on.' },
  DRAINING: { description: 'It takes no more work.' },
  ENDED: { description: 'It has come to its end.' },
  GIVEN_UP: { description: 'No process is started in its place any more.' },
} as const satisfies Record<MemberChange, { description: string }>

/** Adds the subscription `clusterEvents`, with `ClusterEvent` and its kinds. */
export function addClusterEvents(builder: Builder, member: ClusterMemberRef, status: ClusterStatusRef): void {
  const change = builder.enumType('MemberChange', { description: 'What befalls a process.', values: changes })
  const clusterEvent = builder.interfaceRef<ClusterEvent>('ClusterEvent').implement({
    description:
      'Something about the processes that serve together: MemberChanged, ClusterSampled, or first of all ClusterSnapshot.',
    directives,
    resolveType: ({ type }) => type,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When it happened.' }),
    }),
  })
  const event = { interfaces: [clusterEvent], directives }

  builder.objectRef<ClusterEventOf<'ClusterSnapshot'>>('ClusterSnapshot').implement({
    ...event,
    description: 'The processes when the stream opens or, after a gap, goes on.',
    fields: (t) => ({
      status: t.expose('status', { ...forAllWhoMay, type: status, description: 'What they are like.' }),
    }),
  })
  builder.objectRef<ClusterEventOf<'ClusterSampled'>>('ClusterSampled').implement({
    ...event,
    description: 'The processes as they are every two seconds or so, as long as anybody watches.',
    fields: (t) => ({
      status: t.expose('status', { ...forAllWhoMay, type: status, description: 'What they are like.' }),
    }),
  })
  builder.objectRef<ClusterEventOf<'MemberChanged'>>('MemberChanged').implement({
    ...event,
    description: 'A process was started, serves, is about to go, or has come to its end.',
    fields: (t) => ({
      change: t.expose('change', { ...forAllWhoMay, type: change, description: 'What befell it.' }),
      member: t.expose('member', { ...forAllWhoMay, type: member, description: 'What it is like after that.' }),
      reason: t.exposeString('reason', {
        ...forAllWhoMay,
        nullable: true,
        description: 'Why, in a sentence; null where there is nothing to say.',
      }),
    }),
  })

  builder.subscriptionField('clusterEvents', (t) =>
    t.field({
      ...forAllWhoMay,
      type: clusterEvent,
      directives,
      description:
        'What befalls the processes that serve together, and what they have to do: first the status as it is, then each change, and every two seconds or so the status anew. For administrators.',
      subscribe: watchCluster,
      resolve: (told) => told,
    }),
  )
}
