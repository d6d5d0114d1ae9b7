import type { ProcessStatus } from '../../../src/core/system-status.ts'

const load = {
  uptimeMs: 1,
  loopDelayP50Ms: 1,
  loopDelayP99Ms: 1,
  loopDelayMaxMs: 1,
  loopUtilization: 0.5,
  cpuCores: 1,
  rssBytes: 2 ** 40,
  heapUsedBytes: 1,
  heapTotalBytes: 1,
  externalBytes: 1,
  threads: 1,
  busyThreads: 1,
  zombieThreads: 0,
  waitingAttempts: 0,
  connections: 1,
  streams: 1,
  bus: { kind: 'ipc', isLive: true, since: 0 },
} as const

const sample = {
  at: 0,
  rss: 2 ** 40,
  heapUsed: 1,
  heapTotal: 1,
  heapLimit: 2 ** 32,
  external: 1,
  arrayBuffers: 1,
}
const hold = {
  at: 0,
  ms: 99,
  what: 'garbage collection',
  operation: null,
  operationName: null,
  requestId: null,
} as const
const thread = { threadId: 1, task: 'resize', heapUsed: 1, heapTotal: 1, heapLimit: 1, external: 1 }

/** What the process of that number says of itself; the primary has 0. */
export function processStatus(number: number): ProcessStatus {
  return {
    number,
    nodeId: number === 0 ? null : `node_${number}`,
    pid: 7 + number,
    version: '1.2.3',
    nodeVersion: 'v26.0.0',
    at: 1,
    load,
    memory: {
      now: sample,
      held: { at: 0, heapUsed: 1, external: 1 },
      spaces: [{ name: 'new_space', usedBytes: 1, sizeBytes: 2 }],
      threads: [thread],
      growth: { bytesPerMinute: -1.5, risingPairs: 0.5, points: 10, overMs: 60_000 },
      marks: [{ label: 'baseline', sample }],
    },
    loop: {
      gc: [{ kind: 'minor', count: 2 ** 40, totalMs: 2, maxMs: 1 }],
      resources: [{ type: 'Timeout', count: 2 }],
      holds: [hold],
    },
    shedding:
      number === 0
        ? null
        : {
            isOn: true,
            pressure: 0.25,
            over: [{ sensor: 'loop delay', value: 20, limit: 10 }],
            refused: { work: 3, change: 0, read: 0 },
          },
    snapshot:
      number === 0
        ? null
        : { pauseMs: 900, sizeBytes: 2 ** 33, freeBytes: 2 ** 40, memoryBytes: 2 ** 31, availableBytes: 2 ** 35 },
    alerts: ['OVERLOADED'],
  }
}

/** One that has far too much to say. */
export function talkativeStatus(number: number): ProcessStatus {
  const status = processStatus(number)
  const times = <T>(make: (n: number) => T): T[] => Array.from({ length: 1_001 }, (_, n) => make(n))
  const name = 'x'.repeat(100)
  return {
    ...status,
    memory: {
      ...status.memory,
      spaces: times((n) => ({ name: `space_${n}`, usedBytes: n, sizeBytes: n })),
      threads: times((threadId) => ({ ...thread, threadId })),
      marks: times((n) => ({ label: n === 0 ? 'baseline' : `mark ${n}`.padEnd(5_000, 'x'), sample })),
    },
    loop: {
      ...status.loop,
      resources: times((count) => ({ type: `Type${count}`, count })),
      holds: times(() => ({ ...hold, operation: name, operationName: name, requestId: name })),
    },
  }
}
