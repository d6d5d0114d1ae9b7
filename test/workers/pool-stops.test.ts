import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createRecorder,
  type Ended,
  failure,
  openTestPool,
  request,
  run,
  runTask,
  until,
  type TestPool,
} from './open-test-pool.ts'

describe('an attempt', () => {
  let pool: TestPool

  beforeAll(async () => {
    pool = await openTestPool()
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  /** Starts the task `spin` and waits until it spins. */
  async function startSpinning(listen: 'FLAG' | 'SIGNAL' | 'NOT') {
    const recorder = createRecorder()
    const controller = new AbortController()
    const outcome = run(pool, request('spin', { listen }), recorder, controller.signal)
    await until(() => recorder.said.length > 0)
    return { outcome, recorder, cancel: () => controller.abort() }
  }

  async function timed(outcome: Promise<Ended>): Promise<{ ms: number; outcome: Ended }> {
    const start = performance.now()
    const how = await outcome
    return { ms: performance.now() - start, outcome: how }
  }

  it('is cancelled in a loop that looks at the shared flag, before its grace is over', async () => {
    const { outcome, cancel } = await startSpinning('FLAG')
    cancel()
    const { ms, outcome: how } = await timed(outcome)
    expect(how).toEqual({ type: 'cancelled' })
    expect(ms).toBeLessThan(450)
  })

  it('is cancelled by its signal where it awaits, and then counts as cancelled even if it returns', async () => {
    const { outcome, cancel, recorder } = await startSpinning('SIGNAL')
    cancel()
    expect(await outcome).toEqual({ type: 'cancelled' })
    expect(recorder.said.at(-1)).toEqual({ type: 'log', level: 'info', text: 'signalled' })
  })

  it('is cancelled after its grace in a loop that never looks, and its thread is replaced', async () => {
    const { outcome, cancel } = await startSpinning('NOT')
    cancel()
    const { ms, outcome: how } = await timed(outcome)
    expect(how).toEqual({ type: 'cancelled' })
    expect(ms).toBeGreaterThanOrEqual(490)
    const after = await Promise.all([runTask(pool, 'speak', {}), runTask(pool, 'speak', {})])
    expect(after.map(({ type }) => type)).toEqual(['succeeded', 'succeeded'])
  })

  it('is ended without harm to the one beside it', async () => {
    const [ended, other] = await Promise.all([startSpinning('NOT'), startSpinning('SIGNAL')])
    ended.cancel()
    expect(await ended.outcome).toEqual({ type: 'cancelled' })
    expect(other.recorder.said).toHaveLength(1)
    other.cancel()
    await other.outcome
    expect(other.recorder.said).toHaveLength(2)
  })

  it('is cancelled at once while it waits for a thread', async () => {
    const spinning = await Promise.all([startSpinning('FLAG'), startSpinning('FLAG')])
    const controller = new AbortController()
    const waiting = runTask(pool, 'speak', {}, controller.signal)
    controller.abort()
    expect(await waiting).toEqual({ type: 'cancelled' })
    for (const { cancel } of spinning) cancel()
    expect(await Promise.all(spinning.map(({ outcome }) => outcome))).toEqual([
      { type: 'cancelled' },
      { type: 'cancelled' },
    ])
  })

  it('does not start when it is cancelled already', async () => {
    const recorder = createRecorder()
    expect(await run(pool, request('speak', {}), recorder, AbortSignal.abort())).toEqual({ type: 'cancelled' })
    expect(recorder.said).toEqual([])
  })

  it('is cancelled while its last partial result is being kept', async () => {
    const controller = new AbortController()
    const recorder = createRecorder(() => new Promise(() => undefined))
    const outcome = run(pool, request('emitMany', { count: 1 }), recorder, controller.signal)
    await until(() => recorder.said.length === 1)
    // The thread is free again as soon as the task has returned.
    await runTask(pool, 'speak', {})
    controller.abort()
    expect(await outcome).toEqual({ type: 'cancelled' })
  })

  it('is cancelled also when it was being given up for another reason', async () => {
    const controller = new AbortController()
    const recorder = createRecorder(() => {
      setImmediate(() => controller.abort())
      return Promise.reject(new Error('The disk is full.'))
    })
    const outcome = run(pool, request('emitMany', { count: 200 }), recorder, controller.signal)
    expect(await outcome).toEqual({ type: 'cancelled' })
  })

  it('fails when it takes longer than it may, whether it listens or not', async () => {
    const timeout = failure('TIMEOUT', 'The task took longer than the 150 ms it may take.')
    const polite = await timed(runTask(pool, 'outOfTime', { listen: true }))
    expect(polite.outcome).toEqual(timeout)
    const deaf = await timed(runTask(pool, 'outOfTime', { listen: false }))
    expect(deaf.outcome).toEqual(timeout)
    expect(deaf.ms).toBeGreaterThanOrEqual(190)
  })

  it('keeps its place in the pool while native code keeps its thread from ending, and that is logged', async () => {
    await using single = await openTestPool({ threads: 1 })
    const controller = new AbortController()
    const recorder = createRecorder()
    const order = request('misbehave', { way: 'SIT_IN_NATIVE_CODE' })
    const outcome = run(single, order, recorder, controller.signal)
    await until(() => recorder.said.length === 1)
    controller.abort()
    expect(await outcome).toEqual({ type: 'cancelled' })
    expect(single.lines).toEqual([])
    // The next attempt does not start beside it, but after it was given up for lost and has ended after all.
    expect(await runTask(single, 'speak', {})).toMatchObject({ type: 'succeeded' })
    expect(single.lines).toEqual([
      {
        level: 'error',
        fields: { job: 'job_test', task: 'misbehave' },
        message: expect.stringMatching(
          /^A compute thread does not end: native code, or collecting garbage, holds it\./,
        ),
      },
    ])
  })

  it('is not heard of again once it has settled', async () => {
    const { outcome, cancel, recorder } = await startSpinning('NOT')
    cancel()
    await outcome
    const said = recorder.said.length
    await runTask(pool, 'speak', {})
    expect(recorder.said).toHaveLength(said)
  })
})

describe('a pool that is closed', () => {
  it('ends what runs and what waits, also loops that never look, in bounded time', async () => {
    const pool = await openTestPool()
    await pool.describe()
    const recorder = createRecorder()
    const spinning = [1, 2, 3].map(() => run(pool, request('spin', { listen: 'NOT' }), recorder))
    await until(() => recorder.said.length === 2)
    const start = performance.now()
    await pool[Symbol.asyncDispose]()
    expect(performance.now() - start).toBeLessThan(3_000)
    const lost = { type: 'lost', message: 'The pool was closed.' }
    expect(await Promise.all(spinning)).toEqual([lost, lost, lost])
    expect(await runTask(pool, 'speak', {})).toEqual(lost)
    await pool[Symbol.asyncDispose]()
  })

  it('can be closed before its threads have come up', async () => {
    const pool = await openTestPool()
    const attempt = runTask(pool, 'speak', {})
    await pool[Symbol.asyncDispose]()
    expect(await attempt).toEqual({ type: 'lost', message: 'The pool was closed.' })
  })
})
