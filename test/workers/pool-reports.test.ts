import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createRecorder, openTestPool, request, run, runTask, until, type TestPool } from './open-test-pool.ts'

describe('a pool', () => {
  let pool: TestPool

  beforeAll(async () => {
    pool = await openTestPool({ heapMb: 48 })
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  async function startSpinning() {
    const recorder = createRecorder()
    const controller = new AbortController()
    const outcome = pool.run(request('spin', { listen: 'FLAG' }), recorder, controller.signal)
    await until(() => recorder.said.length > 0)
    return { outcome, cancel: () => controller.abort() }
  }

  it('occupies a thread as soon as it is given an attempt, and tells when there is room again', async () => {
    let told = 0
    const stop = pool.onFree(() => {
      told += 1
    })
    expect(pool.free).toBe(2)
    const first = runTask(pool, 'speak', {})
    expect(pool.free).toBe(1)
    const second = runTask(pool, 'speak', {})
    expect(pool.free).toBe(0)
    await Promise.all([first, second])
    expect({ free: pool.free, told }).toEqual({ free: 2, told: 2 })
    stop()
    await runTask(pool, 'speak', {})
    expect(told).toBe(2)
  })

  it('tells what it is doing and how long that took', async () => {
    await using other = await openTestPool()
    await other.describe()
    expect(other.statistics()).toMatchObject({ threads: 2, busy: 0, zombies: 0, waiting: 0, tasks: [] })
    const controller = new AbortController()
    const spinning = [1, 2, 3].map(() =>
      other.run(request('spin', { listen: 'FLAG' }), createRecorder(), controller.signal),
    )
    await eventually(() => other.statistics().tasks.some(({ running }) => running === 2))
    expect(other.statistics()).toMatchObject({ busy: 2, waiting: 1, wait: { count: 2 }, run: { count: 0 } })
    controller.abort()
    await Promise.all(spinning)
    await runTask(other, 'speak', {})
    const { busy, waiting, wait, run: ran, tasks } = other.statistics()
    expect({ busy, waiting, waited: wait.count, ran: ran.count }).toEqual({ busy: 0, waiting: 0, waited: 3, ran: 3 })
    expect(ran.max).toBeGreaterThan(0)
    expect(tasks.map(({ task, running, run: { count } }) => [task, running, count])).toEqual([
      ['spin', 0, 2],
      ['speak', 0, 1],
    ])
  })

  it('tells the CPU time of an attempt, unless its thread was ended', async () => {
    const signal = new AbortController().signal
    const counted = await pool.run(request('countUp', { ms: 100, total: 10 }), createRecorder(), signal)
    expect(counted.cpuMs).toBeGreaterThan(0)
    expect(await pool.run(request('misbehave', { way: 'EXIT' }), createRecorder(), signal)).toMatchObject({
      type: 'lost',
      cpuMs: null,
    })
    expect(await pool.run(request('noSuchTask', {}), createRecorder(), signal)).toMatchObject({ cpuMs: 0 })
    expect(await pool.run(request('speak', {}), createRecorder(), AbortSignal.abort())).toEqual({
      type: 'cancelled',
      cpuMs: 0,
    })
  })

  it('reads the progress off a counter ten times a second at most, and at the end', async () => {
    const recorder = createRecorder()
    const total = 10 ** 12
    const outcome = await run(pool, request('countUp', { ms: 450, total }), recorder)
    expect(outcome).toEqual({ type: 'succeeded', output: { count: total } })
    const told = recorder.said.map((said) => (said.type === 'progress' ? said.fraction : -1))
    expect(told.length).toBeGreaterThanOrEqual(3)
    // What the task said itself, one each 100 ms and the last.
    expect(told.length).toBeLessThanOrEqual(1 + 6 + 1)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect(recorder.said.at(-1)).toEqual({ type: 'progress', fraction: 1, message: 'counting' })
  })

  it('counts a thread that native code holds as a zombie, and goes on with the others', async () => {
    const controller = new AbortController()
    const recorder = createRecorder()
    const held = run(pool, request('misbehave', { way: 'SIT_IN_NATIVE_CODE' }), recorder, controller.signal)
    await until(() => recorder.said.length === 1)
    controller.abort()
    expect(await held).toEqual({ type: 'cancelled' })
    await eventually(() => pool.statistics().zombies === 1)
    expect(pool.statistics()).toMatchObject({ busy: 0, zombies: 1 })
    expect(pool.free).toBe(1)
    // Shards are planned for the thread that is left, and nobody waits for the other.
    const gang = runTask(pool, 'gang', { way: 'THREADS', shards: 1 })
    expect(await runTask(pool, 'speak', {})).toMatchObject({ type: 'succeeded' })
    expect(await gang).toEqual({ type: 'succeeded', output: { value: 1 } })
    expect(pool.statistics().zombies).toBe(1)
    await eventually(() => pool.statistics().zombies === 0)
    expect(pool.free).toBe(2)
  })

  it('gives a task the heap that it asks for, on threads of its own under the same count', async () => {
    const spinning = await startSpinning()
    const large = await runTask(pool, 'largeHeap', { fillMb: 80 })
    expect(large).toMatchObject({ type: 'succeeded' })
    const limit = large.type === 'succeeded' ? Object.values(large.output as { limitMb: number })[0] : 0
    expect(limit).toBeGreaterThanOrEqual(160)
    expect(pool.statistics().busy).toBe(1)
    const waiting = [1, 2].map(() => runTask(pool, 'largeHeap', { fillMb: 1 }))
    expect(pool.free).toBe(0)
    expect((await Promise.all(waiting)).map(({ type }) => type)).toEqual(['succeeded', 'succeeded'])
    spinning.cancel()
    await spinning.outcome
    expect(pool.free).toBe(2)
  })

  it('keeps what a task made on its thread, and has its threads give way to the main thread', async () => {
    await using single = await openTestPool({ threads: 1 })
    const keep = async (key: string) => {
      const outcome = await runTask(single, 'keepScratch', { key })
      if (outcome.type !== 'succeeded') throw new Error(`It ended ${outcome.type}.`)
      return outcome.output as { made: number; priorities: number[] }
    }
    expect([(await keep('a')).made, (await keep('a')).made, (await keep('b')).made, (await keep('a')).made]).toEqual([
      1, 1, 2, 1,
    ])
    const { priorities } = await keep('a')
    // Elsewhere priorities are not of threads.
    expect(new Set(priorities)).toEqual(new Set(process.platform === 'linux' ? [0, 10] : []))
  })
})
