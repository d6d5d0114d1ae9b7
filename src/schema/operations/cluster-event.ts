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
  STARTED: { description: 'A process was started; it does not serve yet.' },
  READY: { description: 'The process serves from now on.' },
  DRAINING: { description: 'The process takes no more work and brings to an end what it has.' },
  ENDED: { description: 'The process is gone: `lastEnd` of the member says how it came to its end.' },
  GIVEN_UP: {
    description:
      'Too many processes in this place ended early in a row: none is started in it any more, until a reload.',
  },
} as const satisfies Record<MemberChange, { description: string }>

/** The events that hold a status: their names, what they are, and of when the status is. */
const statusEvents = [
  [
    'ClusterSnapshot',
    'The processes when the stream opens or, after a gap, goes on.',
    'All processes when the stream opened or went on after a gap.',
  ],
  [
    'ClusterSampled',
    'The processes as they are every two seconds or so, as long as anybody watches.',
    'All processes when the sample was taken, with what each had to do.',
  ],
] as const

/** Adds the subscription `clusterEvents`, with `ClusterEvent` and its kinds. */
export function addClusterEvents(builder: Builder, member: ClusterMemberRef, status: ClusterStatusRef): void {
  const change = builder.enumType('MemberChange', {
    description: 'What can befall one of the processes that serve together.',
    values: changes,
  })
  const clusterEvent = builder.interfaceRef<ClusterEvent>('ClusterEvent').implement({
    description:
      'News of the processes that serve together: MemberChanged, ClusterSampled, or first of all ClusterSnapshot.',
    directives,
    resolveType: ({ type }) => type,
    fields: (t) => ({
      at: t.expose('at', {
        ...forAllWhoMay,
        type: 'DateTime',
        description: 'When the process changed, or when the status was taken.',
      }),
    }),
  })
  const event = { interfaces: [clusterEvent], directives }

  for (const [type, description, when] of statusEvents) {
    builder.objectRef<ClusterEventOf<typeof type>>(type).implement({
      ...event,
      description,
      fields: (t) => ({ status: t.expose('status', { ...forAllWhoMay, type: status, description: when }) }),
    })
  }
  builder.objectRef<ClusterEventOf<'MemberChanged'>>('MemberChanged').implement({
    ...event,
    description: 'A process was started, serves, is about to go, or has come to its end.',
    fields: (t) => ({
      change: t.expose('change', { ...forAllWhoMay, type: change, description: 'What has befallen the process.' }),
      member: t.expose('member', {
        ...forAllWhoMay,
        type: member,
        description: 'The process as it is after the change.',
      }),
      reason: t.exposeString('reason', {
        ...forAllWhoMay,
        nullable: true,
        description: 'Why the process changed, in a sentence; null where there is nothing to say.',
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
