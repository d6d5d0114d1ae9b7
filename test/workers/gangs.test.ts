import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import {
  createRecorder,
  failure,
  openTestPool,
  request,
  run,
  runTask,
  until,
  type Ended,
  type TestPool,
} from './open-test-pool.ts'

describe('a task in shards', () => {
  let pool: TestPool

  beforeAll(async () => {
    pool = await openTestPool({ threads: 3, heapMb: 48 })
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  const gang = (way: string, shards = 3) => runTask(pool, 'gang', { way, shards })
  const value = (given: unknown): Ended => ({ type: 'succeeded', output: { value: given } })

  /** Starts it and waits until it has said so many things. */
  async function start(way: string, lines: number, shards = 3) {
    const recorder = createRecorder()
    const controller = new AbortController()
    const outcome = run(pool, request('gang', { way, shards }), recorder, controller.signal)
    await until(() => recorder.said.length >= lines)
    return { outcome, cancel: () => controller.abort() }
  }

  /** That all threads are there for others again. */
  async function expectAllFree(): Promise<void> {
    await eventually(() => pool.free === 3)
    expect(pool.statistics()).toMatchObject({ busy: 0, zombies: 0, waiting: 0 })
    const threads = await gang('THREAD')
    expect(threads).toMatchObject({ type: 'succeeded' })
  }

  it('gets one thread for each part, all at the same time, and reduces the answers in their order', async () => {
    const outcome = await gang('THREAD')
    const threads: unknown = outcome.type === 'succeeded' && outcome.output
    expect(threads).toEqual({ value: [expect.any(Number), expect.any(Number), expect.any(Number)] })
    expect(new Set(Object.values(threads as { value: number[] })[0]).size).toBe(3)
    expect(await gang('THREADS', 2)).toEqual(value(3))
  })

  it('hands each shard its own part, however unequal, and the input as it was parsed once', async () => {
    const outcome = await gang('SIZES')
    const at = expect.any(Number)
    expect(outcome).toEqual(value([0, 1, 2].map((index) => ({ index, size: index * 1_000, at }))))
    const times = JSON.stringify(outcome).match(/"at":\d+/g)
    expect(new Set(times).size).toBe(1)
  })

  it('may be of one part', async () => {
    expect(await gang('MEET', 1)).toEqual(value([0]))
  })

  it('meets at barriers, each round', async () => {
    expect(await gang('MEET')).toEqual(value([0, 1, 2]))
  })

  it('talks from shard to shard on lines that a busy shard reads without awaiting', async () => {
    expect(await gang('PASS_ON')).toEqual(value([{ count: 30, same: true }, null, null]))
    expect(await gang('BROADCAST')).toEqual(
      value([
        [{ from: 1 }, { from: 2 }],
        [{ from: 0 }, { from: 2 }],
        [{ from: 0 }, { from: 1 }],
      ]),
    )
  })

  it('has no line to itself, nor to shards that are not there', async () => {
    const none = (other: number) => `RangeError: There is no shard ${other}: they are counted from 0 to 1.`
    expect(await gang('ASK_FOR_LINES', 2)).toEqual(
      value([0, 1].map((index) => [`RangeError: Shard ${index} has no line to itself.`, none(2), none(-1)])),
    )
  })

  it('counts together, to the last one', async () => {
    const all = 3 * (20_000 - 5)
    expect(await gang('COUNT')).toEqual(value([all, all, all]))
  })

  it('moves the buffers of an answer, shares what is shared and copies the rest', async () => {
    expect(await gang('BUFFERS', 2)).toEqual(
      value([['bytes 1048576', 'half 4', 'small 7', 'wasm 65536', 'shared shared'], [1]]),
    )
  })

  it('says what its shards say: the mean of their progress, and together no more lines than one may', async () => {
    const recorder = createRecorder()
    expect(await run(pool, request('gang', { way: 'SAY' }), recorder)).toEqual(value([1, 1, 1]))
    const logged = recorder.said.filter((said) => said.type === 'log')
    expect(logged).toHaveLength(1_001)
    expect(logged.at(0)).toMatchObject({ text: 'plan' })
    const progress = recorder.said.filter((said) => said.type === 'progress')
    expect(Math.max(...progress.map(({ fraction }) => fraction))).toBeLessThanOrEqual(1)
    expect(progress.length).toBeGreaterThan(0)
  })

  it('emits from every shard', async () => {
    const recorder = createRecorder()
    expect(await run(pool, request('gang', { way: 'EMIT' }), recorder)).toMatchObject({ type: 'succeeded' })
    const partials = recorder.said.filter((said) => said.type === 'partial').map(({ data }) => data)
    expect(partials).toHaveLength(3)
    expect(partials).toEqual(expect.arrayContaining([0, 1, 2].map((index) => ({ index }))))
  })

  it('tells the CPU time of all its parts', async () => {
    const outcome = await pool.run(request('gang', { way: 'COUNT' }), createRecorder(), new AbortController().signal)
    expect(outcome.cpuMs).toBeGreaterThan(0)
  })

  it.each([
    ['throws while it plans', 'PLAN_THROWS', failure('TASK_ERROR', 'There is no plan.')],
    [
      'plans nothing',
      'PLAN_NOTHING',
      failure('TASK_ERROR', '`plan` must return { parts, shared }, where `parts` is a list.'),
    ],
    [
      'plans what cannot be copied',
      'PLAN_A_FUNCTION',
      failure('TASK_ERROR', 'Part 0 of the plan cannot be handed to another thread: () => 1 could not be cloned.'),
    ],
    ['throws at the end', 'REDUCE_THROWS', failure('TASK_ERROR', 'It does not add up.')],
    [
      'ends with what is no output',
      'REDUCE_WRONG',
      failure(
        'INVALID_OUTPUT',
        'The output cannot be kept as JSON. Its field "value" is a bigint, which JSON cannot hold.',
      ),
    ],
    [
      'answers what cannot be copied',
      'ANSWER_A_FUNCTION',
      failure(
        'INVALID_OUTPUT',
        'The answer of shard 1 cannot be handed to another thread: () => 1 could not be cloned.',
      ),
    ],
    [
      'exits in one shard while the others wait for it',
      'EXIT',
      { type: 'lost', message: 'The thread that ran the task ended: worker exited with code: 3' },
    ],
    ['throws in one shard while the others wait for it', 'THROW', failure('TASK_ERROR', 'Shard 1 has had enough.')],
    ['forgets a rejection in one shard', 'FORGET_A_REJECTION', failure('TASK_ERROR', 'a forgotten promise')],
    [
      'returns in one shard while the others wait for it',
      'RETURN',
      failure(
        'TASK_ERROR',
        'Another shard has ended and will never come to the barrier: all must pass it equally often.',
      ),
    ],
    [
      'fills the heap of one shard while the others wait for it',
      'FILL_THE_HEAP',
      failure('OUT_OF_MEMORY', 'The task needed more memory than its thread may have.'),
    ],
  ] as const)('fails as a whole when it %s', async (_what, way, outcome) => {
    expect(await gang(way)).toEqual(outcome)
    await expectAllFree()
  })

  it('fails when it plans no part, or more than there are threads', async () => {
    expect(await gang('MEET', 0)).toEqual(
      failure('TASK_ERROR', '`plan` returned no parts: there must be at least one.'),
    )
    expect(await gang('MEET', 4)).toEqual(
      failure(
        'TASK_ERROR',
        '`plan` returned 4 parts, but only 3 can run at once here: make at most `context.threads` of them.',
      ),
    )
  })

  it.each([
    ['while it plans', 'PLAN_SPINS', 1],
    ['at the barrier, with one shard that spins', 'SPIN', 4],
    ['at the barrier, with one shard that sleeps for ever', 'WAIT_FOREVER', 4],
    ['in shards that look', 'LOOK', 4],
    ['while it reduces', 'REDUCE_SPINS', 5],
  ] as const)('is cancelled %s', async (_where, way, lines) => {
    const { outcome, cancel } = await start(way, lines)
    cancel()
    expect(await outcome).toEqual({ type: 'cancelled' })
    await expectAllFree()
  })

  it('is cancelled while native code holds one shard: the threads of the others are free at once', async () => {
    const { outcome, cancel } = await start('SIT_IN_NATIVE_CODE', 4)
    cancel()
    expect(await outcome).toEqual({ type: 'cancelled' })
    await eventually(() => pool.statistics().zombies === 1)
    expect(pool.free).toBe(2)
    // A plan for as many threads as there are would wait for the one that is held.
    expect(await gang('THREADS', 2)).toEqual(value(2))
    expect(await gang('MEET', 2)).toEqual(value([0, 1]))
    await expectAllFree()
  })

  it('is cancelled while it waits for its threads', async () => {
    const [one, two] = [await start('LOOK', 2, 1), await start('LOOK', 2, 1)]
    const { outcome, cancel } = await start('MEET', 1)
    await eventually(() => pool.statistics().waiting === 1)
    expect(pool.free).toBe(0)
    cancel()
    expect(await outcome).toEqual({ type: 'cancelled' })
    for (const { cancel: end } of [one, two]) end()
    await Promise.all([one.outcome, two.outcome])
    await expectAllFree()
  })

  it.each(['PLAN', 'SHARD', 'REDUCE'])('may take so long from its first part on: %s', async (where) => {
    expect(await runTask(pool, 'gangOutOfTime', { where })).toEqual(
      failure('TIMEOUT', 'The task took longer than the 200 ms it may take.'),
    )
    await expectAllFree()
  })

  it('shares the threads with others: gangs and many single ones all come to their ends', async () => {
    const all = Array.from({ length: 24 }, (_, index) => {
      if (index % 6 === 0) return gang('MEET', 3)
      return index % 6 === 3 ? gang('COUNT', 2) : runTask(pool, 'speak', { count: 1 })
    })
    const outcomes = await Promise.all(all)
    expect(outcomes.map(({ type }) => type)).toEqual(all.map(() => 'succeeded'))
    await expectAllFree()
  })

  it('is lost as a whole when the pool is closed', async () => {
    const other = await openTestPool({ threads: 3 })
    const recorder = createRecorder()
    const outcome = run(other, request('gang', { way: 'SPIN' }), recorder)
    await until(() => recorder.said.length >= 2)
    await other[Symbol.asyncDispose]()
    expect(await outcome).toEqual({ type: 'lost', message: 'The pool was closed.' })
  })
})
