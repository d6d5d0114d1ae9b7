import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { isFromThread, readLateError } from '../../../src/workers/pool/told-by-thread.ts'

const { port1: port, port2: other } = new MessageChannel()
port.close()
other.close()

const ended = (outcome: unknown, cpuMs: unknown = 1) => ({ type: 'ended', outcome, cpuMs })
const file = { type: 'file', file: 1, path: '/files/run-1', fileName: 'a.txt', mediaType: 'text/plain' }
const long = (length: number) => 'x'.repeat(length)

describe('what a thread tells', () => {
  it.each([
    { type: 'started', threadId: 3 },
    { type: 'progress', fraction: Number.NaN, message: null },
    { type: 'progress', fraction: 0.5, message: 'half' },
    { type: 'counting' },
    { type: 'partial', json: '1' },
    { type: 'log', level: 'warn', text: long(4_000) },
    { type: 'writing' },
    file,
    { type: 'unloadable', message: 'It is gone.' },
    ended({ type: 'succeeded', json: '{}' }),
    ended({ type: 'planned', shards: [port], reduce: other }),
    ended({ type: 'answered' }),
    ended({ type: 'failed', code: 'TASK_ERROR', message: long(2_000) }),
  ])('is heard: %o', (message) => {
    expect(isFromThread(message)).toBe(true)
  })

  it.each([
    null,
    undefined,
    7,
    'started',
    [],
    {},
    { type: null },
    { type: 'constructor' },
    { type: ['started'] },
    { type: 'started' },
    { type: 'started', threadId: Number.NaN },
    { type: 'progress', fraction: '0.5', message: null },
    { type: 'progress', fraction: 0.5, message: {} },
    { type: 'partial', json: {} },
    { type: 'log', level: 'fatal', text: 'x' },
    { type: 'log', level: 'info', text: long(4_001) },
    { ...file, path: null },
    { ...file, fileName: long(10_001) },
    { type: 'unloadable', message: 1n },
    { type: 'ended' },
    ended(null),
    ended({ type: 'toString' }),
    ended({ type: 'succeeded', json: null }),
    ended({ type: 'succeeded', json: '{}' }, '1'),
    ended({ type: 'planned', shards: 7, reduce: other }),
    ended({ type: 'planned', shards: [{}], reduce: other }),
    ended({ type: 'planned', shards: Array.from({ length: 65 }, () => port), reduce: other }),
    ended({ type: 'planned', shards: [port], reduce: null }),
    ended({ type: 'failed', code: 'CRASHED', message: 'x' }),
    ended({ type: 'failed', code: 'TASK_ERROR', message: long(2_001) }),
  ])('is not heard where a task has made it up: %o', (message) => {
    expect(isFromThread(message)).toBe(false)
  })

  it('is a late error of a job, or of none, and short', () => {
    const late = (jobId: unknown, message: unknown) => readLateError({ millraceLateError: { jobId, message } })
    expect(late('job_1', 'a\u0000b')).toEqual({ jobId: 'job_1', message: 'ab' })
    expect(late(7n, long(3_000))).toEqual({ jobId: null, message: `${long(1_999)}…` })
    expect(late(long(101), 'x')?.jobId).toHaveLength(100)
    const forged = [null, 7, {}, { millraceLateError: null }, { millraceLateError: [] }]
    expect([late(null, {}), ...forged.map(readLateError)]).toEqual([null, null, null, null, null, null])
  })
})
