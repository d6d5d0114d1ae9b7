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
    float('uptimeMs', 'How long it has been running, in ms.'),
    float(
      'loopDelayP50Ms',
      'How late its event loop was in the last second, in ms: half of the times at most so much.',
    ),
    float('loopDelayP99Ms', 'The same of 99 in 100 times.'),
    float('loopDelayMaxMs', 'The most that it was late.'),
    float('loopUtilization', 'Which part of the last second its event loop was busy, 0 to 1.'),
    float('cpuCores', 'The CPU time of all its threads in the last second, in cores: 1 is one core busy all the time.'),
    float('rssBytes', 'The memory that the system has given it, in bytes.'),
    float('heapUsedBytes', 'What of the JavaScript heap of its main thread is in use, in bytes.'),
    float('heapTotalBytes', 'The JavaScript heap of its main thread, in bytes.'),
    float('externalBytes', 'Memory outside of that heap that belongs to objects in it, in bytes.'),
    int('threads', 'How many threads it has for tasks.'),
    int('busyThreads', 'How many of them run a job.'),
    int('zombieThreads', 'How many were ended and are still there, because native code holds them.'),
    int('waitingAttempts', 'How many jobs it has taken that wait for their threads.'),
    int('connections', 'How many sockets are open.'),
    int('streams', 'How many streams are open over them, polls that wait among them.'),
  ]
  return builder.objectRef<ProcessLoad>('ProcessLoad').implement({
    description: 'What a process has to do. What changes fast is of the last second.',
    directives,
    fields: (t) => ({
      ...Object.fromEntries(
        figures.map(({ name, description, type }) => [
          name,
          t.field({ ...forAllWhoMay, type, description, resolve: (load) => load[name] }),
        ]),
      ),
      bus: t.expose('bus', { ...forAllWhoMay, type: bus, description: 'Its line to the other processes.' }),
    }),
  })
}

/** The members of a type that are numbers. */
type NumberOf<T> = { [Name in keyof T]: T[Name] extends number ? Name : never }[keyof T]

const kinds = {
  LOCAL: { value: 'local', description: 'There are no other processes.' },
  IPC: { value: 'ipc', description: 'Over the process that supervises them.' },
  REDIS: { value: 'redis', description: 'Over Redis.' },
} as const satisfies Record<string, { value: BusStatus['kind']; description: string }>

function addBusStatus(builder: Builder) {
  const kind = builder.enumType('BusKind', {
    description: 'What the messages between processes travel over.',
    values: kinds,
  })
  return builder.objectRef<BusStatus>('BusStatus').implement({
    description: 'The line of a process to the others.',
    directives,
    fields: (t) => ({
      kind: t.expose('kind', { ...forAllWhoMay, type: kind, description: 'What it goes over.' }),
      isLive: t.exposeBoolean('isLive', {
        ...forAllWhoMay,
        description: 'Whether messages come through. While they do not, events are read from the log, and come later.',
      }),
      since: t.expose('since', { ...forAllWhoMay, type: 'DateTime', description: 'Since when it is so.' }),
    }),
  })
}
