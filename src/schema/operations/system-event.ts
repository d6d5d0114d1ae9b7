import { watchSystem } from '../../resolvers/operations/watch-system.ts'
import type { SystemEvent } from '../../services/operations/system/system-event.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { SystemStatusRef } from './system-status.ts'

const directives = requiresOneOf('admin')

/** The events: their names, what they are, and of when the status is. */
const events = [
  [
    'SystemSnapshot',
    'The processes when the stream opens or, after a gap, goes on.',
    'All processes when the stream opened or went on after a gap.',
  ],
  [
    'SystemSampled',
    'The processes as they are every two seconds or so, as long as anybody watches.',
    'All processes when the sample was taken. Of what held the event loop it tells the ten longest.',
  ],
] as const

/** Adds the subscription `systemStatus`, with `SystemEvent` and its kinds. */
export function addSystemEvents(builder: Builder, status: SystemStatusRef): void {
  const systemEvent = builder.interfaceRef<SystemEvent>('SystemEvent').implement({
    description: 'How the processes are: SystemSampled, or first of all SystemSnapshot.',
    directives,
    resolveType: ({ type }) => type,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When the status was taken.' }),
      status: t.expose('status', { ...forAllWhoMay, type: status, description: 'All processes at that time.' }),
    }),
  })
  for (const [type, description, when] of events) {
    builder.objectRef<SystemEvent>(type).implement({
      interfaces: [systemEvent],
      directives,
      description,
      fields: (t) => ({ status: t.expose('status', { ...forAllWhoMay, type: status, description: when }) }),
    })
  }
  builder.subscriptionField('systemStatus', (t) =>
    t.field({
      ...forAllWhoMay,
      type: systemEvent,
      directives,
      description:
        'How the processes are: first as they are when the stream opens, then anew every two seconds or so. For administrators.',
      subscribe: watchSystem,
      resolve: (told) => told,
    }),
  )
}
