import { newId } from '../../../src/core/ids.ts'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/core/job.ts'
import type { KnownPrincipal } from '../../../src/core/principal.ts'
import type { SubmitOptions } from '../../../src/services/jobs/submit-options.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask, fakePool, type FakePool } from '../../support/fake-pool.ts'
import { openTestMill, type TestMill, type TestMillOptions } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { uploadFile } from '../../support/upload-file.ts'
import { isIn, never } from './mill-steps.ts'

const day = 24 * 3_600_000
const file = { type: 'string', artifact: true } as const
const inputSchema = {
  type: 'object',
  properties: {
    n: { type: 'number', default: 0 },
    file,
    files: { type: 'array', items: file },
    note: { type: 'string' },
  },
} as const
const pure = describeTask('double', { inputSchema, memoizeForMs: day })

interface Bench extends AsyncDisposable {
  readonly mill: TestMill
  readonly pool: FakePool
  readonly owner: KnownPrincipal
  /** Submits and waits for the end. */
  run(input: unknown, options?: SubmitOptions): Promise<Job>
}

/** A mill whose task answers how often it was run. */
async function openBench(options: TestMillOptions = {}): Promise<Bench> {
  const mill = await openTestMill({ tasks: [pure], ...options })
  const pool: FakePool = fakePool({ double: () => ({ type: 'succeeded', output: { run: pool.requests.length } }) })
  const node = await mill.addNode(pool)
  await node.start()
  const owner = somebody()
  const run = (input: unknown, asked: SubmitOptions = {}) =>
    mill.jobs.submit(owner, 'double', input, { waitMs: 5000, ...asked })
  return { mill, pool, owner, run, [Symbol.asyncDispose]: () => mill[Symbol.asyncDispose]() }
}

describe('a remembered result', () => {
  it('is given to the same input at once, by a new job that has ended', async () => {
    await using bench = await openBench()
    const { mill, pool } = bench
    const first = await bench.run({ n: 1, note: 'a' })
    const second = await bench.run({ note: 'a', n: 1 }, { waitMs: 0, tags: ['mine'] })
    expect(second).toMatchObject({
      state: 'SUCCEEDED',
      memoizedFrom: first.id,
      memoKey: first.memoKey,
      fence: 0,
      startedAt: null,
      finishedAt: second.createdAt,
      tags: ['mine'],
    })
    expect(second.id).not.toBe(first.id)
    expect(await mill.jobs.output(second)).toEqual({ run: 1 })
    expect(await mill.story(second.id)).toEqual(['SUCCEEDED.'])
    expect(await mill.attempts(second.id)).toEqual([])
    expect(pool.requests).toHaveLength(1)
  })

  it('is given to what was to run later, and where no more unfinished jobs are allowed', async () => {
    await using bench = await openBench({ maxUnfinished: 1 })
    await bench.run({})
    await bench.mill.jobs.submit(bench.owner, 'double', { n: 1 }, { delayMs: day })
    expect(await bench.run({}, { delayMs: day })).toMatchObject({ state: 'SUCCEEDED' })
    await expect(bench.run({ n: 2 })).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
  })

  it('is not given to another input, to somebody else, or by another version of the task', async () => {
    await using bench = await openBench()
    const { mill, owner, pool } = bench
    const first = await bench.run({ n: 1 })
    expect((await bench.run({ n: 2 })).memoizedFrom).toBeNull()
    const other = await mill.jobs.submit(somebody(), 'double', { n: 1 }, { waitMs: 5000 })
    expect(other).toMatchObject({ memoizedFrom: null, memoKey: first.memoKey })
    const newer = mill.jobsWith([{ ...pure, version: '2' }])
    expect((await newer.submit(owner, 'double', { n: 1 })).state).toBe('QUEUED')
    await eventually(() => pool.requests.length === 4)
  })

  it('is not made by a task that does not ask for it', async () => {
    await using bench = await openBench({ tasks: [describeTask('double')] })
    expect([await bench.run({}), await bench.run({}, { memo: 'REFRESH' })]).toMatchObject([
      { memoKey: null, memoizedFrom: null },
      { memoKey: null, memoizedFrom: null },
    ])
    expect(bench.pool.requests).toHaveLength(2)
  })

  it('is given until its time is over', async () => {
    const clock = fakeClock()
    await using bench = await openBench({ clock })
    await bench.run({})
    clock.advance(day - 1)
    expect((await bench.run({})).memoizedFrom).not.toBeNull()
    clock.advance(1)
    expect((await bench.run({})).memoizedFrom).toBeNull()
    expect(bench.pool.requests).toHaveLength(2)
  })

  it('is replaced by REFRESH when that has succeeded', async () => {
    await using bench = await openBench()
    await bench.run({})
    const refreshed = await bench.run({}, { memo: 'REFRESH' })
    expect(refreshed).toMatchObject({ memoizedFrom: null })
    const third = await bench.run({})
    expect(third.memoizedFrom).toBe(refreshed.id)
    expect(await bench.mill.jobs.output(third)).toEqual({ run: 2 })
  })

  it('is neither given nor made with BYPASS', async () => {
    await using bench = await openBench()
    expect(await bench.run({}, { memo: 'BYPASS' })).toMatchObject({ memoKey: null, memoizedFrom: null })
    const second = await bench.run({})
    expect(second.memoizedFrom).toBeNull()
    expect((await bench.run({}, { memo: 'BYPASS' })).memoizedFrom).toBeNull()
    expect((await bench.run({})).memoizedFrom).toBe(second.id)
    expect(bench.pool.requests).toHaveLength(3)
  })

  it('is not one of a job that failed or was cancelled', async () => {
    await using mill = await openTestMill({ tasks: [pure] })
    const owner = somebody()
    const error = { code: 'TASK_ERROR', message: 'No.' } as const
    const pool = fakePool({
      double: (request, ...rest) =>
        (request.input as { n: number }).n === 1 ? { type: 'failed', error } : never(request, ...rest),
    })
    const node = await mill.addNode(pool)
    await node.start()
    const failed = await mill.jobs.submit(owner, 'double', { n: 1 }, { waitMs: 5000 })
    expect(failed.state).toBe('FAILED')
    const cancelled = await mill.jobs.submit(owner, 'double', { n: 2 })
    await eventually(isIn(mill, cancelled.id, 'RUNNING'))
    await mill.jobs.cancel(owner, cancelled.id)
    await eventually(isIn(mill, cancelled.id, 'CANCELLED'))
    for (const n of [1, 2]) {
      expect((await mill.jobs.submit(owner, 'double', { n })).memoizedFrom).toBeNull()
    }
  })

  it('and an idempotency key: the key is asked first, and its job is given again', async () => {
    await using bench = await openBench()
    const first = await bench.run({}, { idempotencyKey: 'first' })
    const second = await bench.run({}, { idempotencyKey: 'second' })
    expect(second.memoizedFrom).toBe(first.id)
    expect((await bench.run({}, { idempotencyKey: 'first' })).id).toBe(first.id)
    const many = await Promise.all(Array.from({ length: 100 }, () => bench.run({}, { idempotencyKey: 'third' })))
    expect(new Set(many.map(({ id }) => id)).size).toBe(1)
    await expect(bench.run({ n: 1 }, { idempotencyKey: 'second' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
  })
})

describe('a remembered result of files', () => {
  it('is that of their content, whatever their ids and names', async () => {
    await using bench = await openBench()
    const { mill, owner } = bench
    const upload = (content: string, fileName = 'a.csv') => uploadFile(mill.artifacts, owner, content, { fileName })
    const [one, same, other] = [await upload('a,b'), await upload('a,b', 'b.csv'), await upload('a,c')]
    expect(same.id).not.toBe(one.id)
    const first = await bench.run({ file: one.id })
    expect((await bench.run({ file: same.id })).memoizedFrom).toBe(first.id)
    expect((await bench.run({ file: other.id })).memoizedFrom).toBeNull()
    const listed = await bench.run({ files: [one.id, other.id] })
    expect(listed.memoizedFrom).toBeNull()
    expect((await bench.run({ files: [same.id, other.id] })).memoizedFrom).toBe(listed.id)
    expect((await bench.run({ files: [other.id, one.id] })).memoizedFrom).toBeNull()
  })

  it('is not that of a text that reads like a file', async () => {
    await using bench = await openBench()
    const { mill, owner } = bench
    const one = await uploadFile(mill.artifacts, owner, 'a,b')
    const same = await uploadFile(mill.artifacts, owner, 'a,b')
    await bench.run({ file: one.id, note: one.id })
    expect((await bench.run({ file: one.id, note: same.id })).memoizedFrom).toBeNull()
    expect((await bench.run({ file: same.id, note: one.id })).memoizedFrom).not.toBeNull()
  })

  it('is not given for files that are not there or are somebody else’s', async () => {
    await using bench = await openBench()
    const { mill, owner } = bench
    const one = await uploadFile(mill.artifacts, owner, 'a,b')
    await bench.run({ file: one.id })
    const foreign = await uploadFile(mill.artifacts, somebody(), 'a,b')
    for (const id of [foreign.id, newId('artifact'), 'a,b']) {
      await expect(bench.run({ file: id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})
