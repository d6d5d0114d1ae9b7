import type { LoadSensor, SheddingStatus, WorkClass } from '../../core/shedding.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'

const directives = requiresOneOf('admin')

const sensors = {
  LOOP_DELAY: { value: 'loop delay', description: 'How late the event loop is all the time while it is busy, in ms.' },
  QUEUE_AGE: {
    value: 'queue age',
    description:
      'How long jobs that could run wait for threads, in ms. For it new jobs are refused to those who have as many unfinished ones as there are threads, whatever the pressure.',
  },
  MEMORY: { value: 'memory', description: 'The memory of the process.' },
  STORE_LATENCY: { value: 'store latency', description: 'How long the database takes to answer, in ms.' },
} as const satisfies Record<string, { value: LoadSensor; description: string }>

/** Adds `SheddingStatus`, `LoadReading`, `LoadSensor` and `RefusedWork`. */
export function addSheddingStatus(builder: Builder) {
  const reading = addLoadReading(builder)
  const refused = addRefusedWork(builder)
  return builder.objectRef<SheddingStatus>('SheddingStatus').implement({
    description: 'How a process refuses part of what it is asked to do (OVERLOADED), to keep the rest fast.',
    directives,
    fields: (t) => ({
      isOn: t.exposeBoolean('isOn', {
        ...forAllWhoMay,
        description: 'Whether the process may refuse anything for its load (LOAD_SHEDDING).',
      }),
      pressure: t.exposeFloat('pressure', {
        ...forAllWhoMay,
        description:
          'How much is refused, 0 (nothing) to 1: up to 1/3 a growing part of new jobs and uploads; up to 2/3 all of them, and a growing part of other changes and new streams; beyond that all of these, and a growing part of queries.',
      }),
      over: t.expose('over', {
        ...forAllWhoMay,
        type: [reading],
        description: 'What is over its limit at the moment.',
      }),
      refused: t.expose('refused', {
        ...forAllWhoMay,
        type: refused,
        description: 'How much was refused for load since the process began.',
      }),
    }),
  })
}

function addLoadReading(builder: Builder) {
  const sensor = builder.enumType('LoadSensor', {
    description: 'What a process looks at to know whether it has too much to do.',
    values: sensors,
  })
  return builder.objectRef<SheddingStatus['over'][number]>('LoadReading').implement({
    description: 'A figure that is over its limit.',
    directives,
    fields: (t) => ({
      sensor: t.expose('sensor', { ...forAllWhoMay, type: sensor, description: 'What was measured.' }),
      value: t.exposeFloat('value', { ...forAllWhoMay, description: 'The figure, in the unit of the sensor.' }),
      limit: t.exposeFloat('limit', { ...forAllWhoMay, description: 'What it is over, in the same unit.' }),
    }),
  })
}

function addRefusedWork(builder: Builder) {
  return builder.objectRef<Readonly<Record<WorkClass, number>>>('RefusedWork').implement({
    description: 'How much a process refused for its load since it began, by what was asked for.',
    directives,
    fields: (t) => ({
      work: t.exposeFloat('work', { ...forAllWhoMay, description: 'New jobs and uploads.' }),
      change: t.exposeFloat('change', {
        ...forAllWhoMay,
        description: 'Other mutations, new streams and new sockets.',
      }),
      read: t.exposeFloat('read', { ...forAllWhoMay, description: 'Queries.' }),
    }),
  })
}
