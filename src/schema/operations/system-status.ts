import type { SystemStatus } from '../../core/system-status.ts'
import { systemStatus } from '../../resolvers/operations/system-status.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { ProcessStatusRef } from './process-status.ts'

/** Adds `SystemStatus` and the query `systemStatus`. */
export function addSystemStatus(builder: Builder, process: ProcessStatusRef) {
  const directives = requiresOneOf('admin')
  const status = builder.objectRef<SystemStatus>('SystemStatus').implement({
    description: 'What all processes that serve together say of themselves, as far as they answered in time.',
    directives,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When the processes were asked.' }),
      processes: t.field({
        ...forAllWhoMay,
        type: [process],
        description: 'The processes that answered, by number; the primary, where there is one, comes first.',
        resolve: ({ processes }) => processes,
      }),
      silent: t.exposeIntList('silent', {
        ...forAllWhoMay,
        description:
          'The numbers of the processes that did not answer within 1.5 seconds: their event loops stand still, or they start or end just now. With 0 among them the primary did not answer, and then only the process that was asked is told of.',
      }),
    }),
  })
  builder.queryField('systemStatus', (t) =>
    t.field({
      type: status,
      directives,
      description:
        'How the processes are: memory and its growth, what held up the event loop, garbage collection, what is refused for load, and alerts. Takes up to 1.5 seconds where a process does not answer. For administrators.',
      resolve: systemStatus,
    }),
  )
  return status
}

export type SystemStatusRef = ReturnType<typeof addSystemStatus>
