import type { ObjectRef } from '@pothos/core'
import type { Maintenance, RuntimeSettings } from '../../core/runtime-settings.ts'
import { maintenance as readMaintenance } from '../../resolvers/operations/maintenance.ts'
import { runtimeSettings } from '../../resolvers/operations/runtime-settings.ts'
import { setLogLevel } from '../../resolvers/operations/set-log-level.ts'
import { setMaintenance } from '../../resolvers/operations/set-maintenance.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder, BuilderTypes } from '../builder.ts'
import type { LogLevelRef } from '../jobs/log-level.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'

const forWhom = 'For administrators in a session who have shown their factors within 5 minutes; no API key can.'

/** Adds `Maintenance` and `RuntimeSettings`, the queries that read them and the mutations that set them. */
export function addRuntimeSettings(builder: Builder, refusals: Refusals, logLevel: LogLevelRef): void {
  const directives = requiresOneOf('admin')
  const maintenance = addMaintenance(builder)
  const settings = builder.objectRef<RuntimeSettings>('RuntimeSettings').implement({
    description: 'What administrators have set for all processes while they run. A restart does not undo it.',
    directives,
    fields: (t) => ({
      logLevel: t.expose('logLevel', {
        type: logLevel,
        nullable: true,
        description: 'How grave a line must be to be written to the log; null: what LOG_LEVEL says.',
      }),
      maintenance: t.expose('maintenance', {
        type: maintenance,
        nullable: true,
        description: 'The maintenance that is going on; null where there is none.',
      }),
      maintenanceBy: t.id({
        nullable: true,
        description: 'The user who began the maintenance; null where there is none.',
        resolve: ({ maintenance: present }) => present?.by ?? null,
      }),
    }),
  })
  builder.queryField('runtimeSettings', (t) =>
    t.field({
      type: settings,
      directives,
      description: 'What administrators have set for all processes while they run. For administrators.',
      resolve: runtimeSettings,
    }),
  )
  addSetting(builder, settings, { refusals, logLevel })
}

interface Surroundings {
  readonly refusals: Refusals
  readonly logLevel: LogLevelRef
}

function addSetting(
  builder: Builder,
  settings: ObjectRef<BuilderTypes, RuntimeSettings>,
  { refusals, logLevel }: Surroundings,
): void {
  const directives = requiresOneOf('admin')
  const result = builder.unionType('SetRuntimeSettingsResult', {
    description: 'What becomes of a request to set something for all processes.',
    types: [settings, refusals.invalidInput, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'RuntimeSettings',
  })

  builder.mutationFields((t) => ({
    setLogLevel: t.field({
      type: result,
      directives,
      description: `Sets for all processes and their threads how grave a line must be to be written to the log. ${forWhom}`,
      args: {
        level: t.arg({
          type: logLevel,
          description: 'The least grave level that is written; without it, the one in LOG_LEVEL.',
        }),
      },
      resolve: setLogLevel,
    }),
    setMaintenance: t.field({
      type: result,
      directives,
      description: `Begins or ends maintenance: while it goes on, nobody but administrators can change anything (MAINTENANCE); reading, streams and jobs that were entered go on. ${forWhom}`,
      args: {
        on: t.arg.boolean({
          required: true,
          description:
            'Whether maintenance begins (true) or ends (false). Where it is going on already, `true` leaves it going on.',
        }),
        message: t.arg.string({
          description:
            'What to tell those who are refused: 1 to 500 characters of plain text, told while the maintenance goes on.',
        }),
      },
      resolve: setMaintenance,
    }),
  }))
}

function addMaintenance(builder: Builder) {
  const maintenance = builder.objectRef<Maintenance>('Maintenance').implement({
    description: 'Nobody but administrators can change anything for now.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      message: t.exposeString('message', { description: 'What is told to those who are refused.' }),
      since: t.expose('since', { type: 'DateTime', description: 'Since when the maintenance has been going on.' }),
    }),
  })
  builder.queryField('maintenance', (t) =>
    t.field({
      type: maintenance,
      nullable: true,
      directives: { skipAuth: {} },
      description: 'The maintenance that is going on; null where there is none. For everybody, signed in or not.',
      resolve: readMaintenance,
    }),
  )
  return maintenance
}
