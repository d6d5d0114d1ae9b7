import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRecorder, failure, openTestPool, request, run, runTask, until, type TestPool } from './open-test-pool.ts'

describe('a pool of threads', () => {
  let pool: TestPool

  beforeAll(async () => {
    pool = await openTestPool()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  it('describes each task by what a caller may send and what it answers', async () => {
    const described = await pool.describe()
    expect(described.map((task) => task.name)).toEqual(
      expect.arrayContaining(['speak', 'readFile', 'misbehave', 'outOfTime']),
    )
    expect(described.find((task) => task.name === 'speak')).toMatchObject({
      description: 'Says everything a task can say, in a known order.',
      version: '7',
      timeoutMs: null,
      graceMs: 2_000,
      inputSchema: { type: 'object', properties: { count: { type: 'integer', default: 3 } } },
      outputSchema: { required: ['attempt', 'key', 'said', 'file'] },
      partialSchema: { properties: { doubled: { type: 'integer', default: 0 } } },
    })
    expect(described.find((task) => task.name === 'readFile')).toMatchObject({
      version: '1',
      partialSchema: null,
      inputSchema: { properties: { file: { type: 'string', artifact: true, description: 'Any text file.' } } },
    })
    expect(described.find((task) => task.name === 'outOfTime')).toMatchObject({ timeoutMs: 150, graceMs: 50 })
  })

  it('tells all that a task says in the order in which it said it, and then the output', async () => {
    const recorder = createRecorder()
    const job = { id: 'job_1', attempt: 2, idempotencyKey: 'same every time' }
    const outcome = await run(pool, request('speak', {}, { job }), recorder)
    expect(outcome).toEqual({
      type: 'succeeded',
      output: { attempt: 2, key: 'same every time', said: 3, file: null },
    })
    expect(recorder.said).toEqual([
      ...[1, 2, 3].flatMap((step) => [
        { type: 'progress', fraction: step / 3, message: `step ${step}` },
        { type: 'partial', data: { step, doubled: step * 2 } },
        { type: 'progress', fraction: step / 3, message: `emitted ${step}` },
        { type: 'log', level: 'info', text: `after ${step}` },
      ]),
      { type: 'progress', fraction: 1, message: 'done' },
    ])
  })

  it('sends at most ten progress reports a second, and the last one always', async () => {
    const recorder = createRecorder()
    const outcome = await run(pool, request('reportOften', { ms: 450 }), recorder)
    expect(outcome).toMatchObject({ type: 'succeeded', output: { reports: expect.any(Number) } })
    expect(recorder.said.length).toBeGreaterThanOrEqual(2)
    // The first at once, then one every 100 ms, then the last.
    expect(recorder.said.length).toBeLessThanOrEqual(1 + 5 + 1)
    expect(recorder.said.at(-1)).toEqual({ type: 'progress', fraction: 1, message: 'last' })
  })

  it('holds a task back that is 64 partial results ahead', async () => {
    const releases: (() => void)[] = []
    const recorder = createRecorder(() => new Promise((resolve) => void releases.push(resolve)))
    const outcome = run(pool, request('emitMany', { count: 100 }), recorder)
    await until(() => recorder.said.length === 64)
    releases.shift()?.()
    await until(() => recorder.said.length === 65)
    // No signal tells that nothing comes: another attempt on the other thread runs from start to end meanwhile.
    await runTask(pool, 'speak', {})
    expect(recorder.said).toHaveLength(65)
    while (recorder.said.length < 100) {
      releases.shift()?.()
      await new Promise(setImmediate)
    }
    for (const release of releases) release()
    expect(await outcome).toEqual({ type: 'succeeded', output: { emitted: 100 } })
    expect(recorder.said.map((said) => said.type === 'partial' && said.data)).toEqual(
      Array.from({ length: 100 }, (_, index) => ({ index, text: 'x' })),
    )
  })

  it('sends every partial result of a task that does not await them before it ends', async () => {
    const recorder = createRecorder()
    const outcome = run(pool, request('emitMany', { count: 900, awaited: false }), recorder)
    expect(await outcome).toEqual({ type: 'succeeded', output: { emitted: 900 } })
    expect(recorder.said).toHaveLength(900)
  })

  it('does not end before the last partial result has been taken', async () => {
    const kept = Promise.withResolvers<void>()
    const recorder = createRecorder(() => kept.promise)
    let ended = false
    const outcome = run(pool, request('emitMany', { count: 1 }), recorder).finally(() => {
      ended = true
    })
    await until(() => recorder.said.length === 1)
    await runTask(pool, 'speak', {})
    expect(ended).toBe(false)
    kept.resolve()
    expect(await outcome).toEqual({ type: 'succeeded', output: { emitted: 1 } })
  })

  it('fails an attempt that piles up partial results, or sends one of more than 1 MiB, or 8 MiB of them', async () => {
    expect(await runTask(pool, 'emitMany', { count: 2_000, awaited: false })).toEqual(
      failure('TASK_ERROR', 'More than 1000 partial results are waiting: await every emit().'),
    )
    expect(await runTask(pool, 'emitMany', { count: 1, bytes: 2 ** 20 })).toEqual(
      failure('TASK_ERROR', 'A partial result has 1048597 bytes of JSON; it may have 1048576.'),
    )
    expect(await runTask(pool, 'emitMany', { count: 9, bytes: 2 ** 20 - 100 })).toEqual(
      failure('TASK_ERROR', 'The partial results of one attempt come to more than 8 MiB of JSON.'),
    )
  })

  it('gives up an attempt whose partial results cannot be kept', async () => {
    const recorder = createRecorder(() => Promise.reject(new Error('The disk is full.')))
    const outcome = run(pool, request('emitMany', { count: 200 }), recorder)
    expect(await outcome).toEqual({ type: 'lost', message: 'What the task said could not be kept: The disk is full.' })
  })

  it('survives a listener that throws', async () => {
    const listener = {
      ...createRecorder(),
      log: () => {
        throw new Error('The listener is broken.')
      },
    }
    const outcome = run(pool, request('speak', {}), listener)
    expect(await outcome).toEqual({
      type: 'lost',
      message: 'What the task said could not be kept: The listener is broken.',
    })
  })

  it('refuses an input that the task itself does not accept', async () => {
    expect(await runTask(pool, 'breakItsSchema', { where: 'OUTPUT', even: 1 })).toEqual(
      failure('TASK_ERROR', 'The input is not valid. even: must be even.'),
    )
  })

  it('fails a task that returns or emits what its schemas do not allow', async () => {
    const wrong = 'count: Invalid input: expected number, received string.'
    expect(await runTask(pool, 'breakItsSchema', { where: 'OUTPUT', even: 2 })).toEqual(
      failure('INVALID_OUTPUT', `The output does not fit the task's schema. ${wrong}`),
    )
    const partial = failure('TASK_ERROR', `A partial result does not fit the task's schema. ${wrong}`)
    expect(await runTask(pool, 'breakItsSchema', { where: 'PARTIAL', even: 2 })).toEqual(partial)
    expect(await runTask(pool, 'breakItsSchema', { where: 'FORGOTTEN_PARTIAL', even: 2 })).toEqual(partial)
  })

  it('fails an attempt of a task that is not there', async () => {
    expect(await runTask(pool, 'noSuchTask', {})).toEqual(
      failure('UNKNOWN_TASK', 'No task named noSuchTask is loaded.'),
    )
  })

  it('opens the artifacts of the input and no others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-artifact-'))
    try {
      const path = join(folder, 'blob')
      await writeFile(path, 'grüße')
      const artifacts = [{ id: 'art_1', fileName: 'greeting.txt', mediaType: 'text/plain', size: 7, path }]
      const open = (file: string) => run(pool, request('readFile', { file }, { artifacts }), createRecorder())
      expect(await open('art_1')).toEqual({ type: 'succeeded', output: { name: 'greeting.txt', text: 'grüße' } })
      expect(await open('art_2')).toEqual(
        failure('TASK_ERROR', 'The artifact "art_2" is not part of the job\'s input.'),
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('makes attempts beyond its threads wait for one', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => runTask(pool, 'speak', {})))
    expect(outcomes.filter((outcome) => outcome.type === 'succeeded')).toHaveLength(20)
  })
})
