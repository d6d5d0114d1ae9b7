import type { BusStatus, ProcessLoad } from '../../core/cluster.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'

const directives = requiresOneOf('admin')

/** Adds `ProcessLoad`, `BusStatus` and `BusKind`. */
export function addProcessLoad(builder: Builder) {
  const bus = addBusStatus(builder)
  const float = (name: NumberOf<ProcessLoad>, description: string) => ({ name, description, type: 'Float' as const })
  const int = (name: NumberOf<ProcessLoad>, description: string) => ({ name, description, type: 'Int' as const })
  const figures = [
    float('uptimeMs', 'How long the process has been running, in ms.'),
    float('loopDelayP50Ms', 'How late the event loop was in the last second, in ms: the median.'),
    float(
      'loopDelayP99Ms',
      'How late the event loop was in the last second, in ms: 99 of 100 times at most so much. Hundreds mean that every answer waits.',
    ),
    float('loopDelayMaxMs', 'How late the event loop was in the last second, in ms: the worst case.'),
    float(
      'loopUtilization',
      'Which part of the last second the event loop was busy, 0 to 1. Near 1 for long, the process has too much to do.',
    ),
    float(
      'cpuCores',
      'The CPU time of all threads of the process in the last second, in cores: 1 is one core busy all the time.',
    ),
    float('rssBytes', 'The memory that the operating system has given the process, in bytes.'),
    float('heapUsedBytes', 'What of the JavaScript heap of the main thread is in use, in bytes.'),
    float('heapTotalBytes', 'The size of the JavaScript heap of the main thread, in bytes.'),
    float(
      'externalBytes',
      'Memory outside of the JavaScript heap that belongs to objects in it, such as buffers, in bytes.',
    ),
    int('threads', 'How many threads the process has for tasks.'),
    int('busyThreads', 'How many of the threads for tasks run a job.'),
    int(
      'zombieThreads',
      'How many threads were ended and are still there, because native code holds them: their cores are taken until the process ends.',
    ),
    int('waitingAttempts', 'How many jobs the process has taken that wait for a thread.'),
    int('connections', 'How many sockets of clients are open.'),
    int('streams', 'How many streams are open over all connections, polls that wait among them.'),
  ]
  return builder.objectRef<ProcessLoad>('ProcessLoad').implement({
    description: 'What a process has to do. Figures that change fast are of the last second.',
    directives,
    fields: (t) => ({
      ...Object.fromEntries(
        figures.map(({ name, description, type }) => [
          name,
          t.field({ ...forAllWhoMay, type, description, resolve: (load) => load[name] }),
        ]),
      ),
      bus: t.expose('bus', {
        ...forAllWhoMay,
        type: bus,
        description: 'How the line of the process to the others stands.',
      }),
    }),
  })
}

export type ProcessLoadRef = ReturnType<typeof addProcessLoad>

/** The members of a type that are numbers. */
type NumberOf<T> = { [Name in keyof T]: T[Name] extends number ? Name : never }[keyof T]

const kinds = {
  LOCAL: { value: 'local', description: 'There are no other processes to send messages to.' },
  IPC: { value: 'ipc', description: 'Messages go through the primary process, which supervises the others.' },
  REDIS: { value: 'redis', description: 'Messages go through the Redis server of REDIS_URL.' },
} as const satisfies Record<string, { value: BusStatus['kind']; description: string }>

function addBusStatus(builder: Builder) {
  const kind = builder.enumType('BusKind', {
    description: 'What the messages between processes travel over.',
    values: kinds,
  })
  return builder.objectRef<BusStatus>('BusStatus').implement({
    description: 'The line over which a process hears from the others, and tells them.',
    directives,
    fields: (t) => ({
      kind: t.expose('kind', {
        ...forAllWhoMay,
        type: kind,
        description: 'What messages to other processes travel over.',
      }),
      isLive: t.exposeBoolean('isLive', {
        ...forAllWhoMay,
        description:
          'Whether messages come through. While they do not, events are read from the database, and come up to half a second later.',
      }),
      since: t.expose('since', {
        ...forAllWhoMay,
        type: 'DateTime',
        description: 'Since when messages have come through, or have not.',
      }),
    }),
  })
}
