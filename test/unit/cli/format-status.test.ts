import { expect, it } from 'vitest'
import { formatStatus, type ToldStatus } from '../../../src/cli/format-status.ts'

const load = {
  rssBytes: 150 * 2 ** 20,
  loopDelayP99Ms: 2.34,
  loopUtilization: 0.256,
  threads: 4,
  busyThreads: 1,
  streams: 12,
}

const status: ToldStatus = {
  silent: [0, 3],
  processes: [
    {
      number: 0,
      pid: 100,
      load: { ...load, threads: 0, busyThreads: 0, streams: 0 },
      memory: { held: null, growth: null },
      loop: { holds: [] },
      shedding: null,
      alerts: [],
    },
    {
      number: 1,
      pid: 101,
      load,
      memory: { held: { heapUsedBytes: 2 ** 25, externalBytes: 2 ** 20 }, growth: { bytesPerMinute: 2 ** 21 } },
      loop: { holds: [{ ms: 99.6, what: 'EXECUTE', operation: 'query jobs\u001b[2J' }] },
      shedding: { isOn: true, pressure: 0.5 },
      alerts: ['HEAP_HIGH', 'OVERLOADED'],
    },
    {
      number: 2,
      pid: 102,
      load,
      memory: { held: null, growth: { bytesPerMinute: -(2 ** 20) } },
      loop: { holds: [{ ms: 30, what: 'GARBAGE_COLLECTION', operation: null }] },
      shedding: { isOn: false, pressure: 0 },
      alerts: [],
    },
  ],
}

it('the status is a table of the processes, with what is amiss below it', () => {
  expect(formatStatus(status).split('\n')).toEqual([
    'process  pid  memory    held     growth       late    busy  threads  streams  shedding',
    'primary  100  150.0 MB  –        –            2.3 ms  26 %  –        –        –',
    '1        101  150.0 MB  33.0 MB  +2.0 MB/min  2.3 ms  26 %  1/4      12       50 %',
    '2        102  150.0 MB  –        -1.0 MB/min  2.3 ms  26 %  1/4      12       off',
    'No answer from the primary.',
    'No answer from process 3.',
    'Alert of process 1: HEAP_HIGH',
    'Alert of process 1: OVERLOADED',
    'What held process 1 longest in ten minutes: EXECUTE for query jobs\uFFFD[2J, 100 ms',
    'What held process 2 longest in ten minutes: GARBAGE_COLLECTION, 30 ms',
  ])
})
