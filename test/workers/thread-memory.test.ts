import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createThreadMemoryReader, type AskedWorker } from '../../src/workers/pool/thread-memory.ts'
import { createThreadRoster } from '../../src/workers/pool/thread-roster.ts'
import { createRecorder, openTestPool, request, run, runTask, type TestPool, until } from './open-test-pool.ts'

const megabyte = 2 ** 20

describe('the memory of the threads', () => {
  let pool: TestPool
  beforeAll(async () => {
    pool = await openTestPool()
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  it('is that of each, and says what runs, also where a task spins', async () => {
    const idle = await pool.memory()
    expect(idle.map(({ task, recentTasks, runs }) => ({ task, recentTasks, runs }))).toEqual([
      { task: null, recentTasks: [], runs: 0 },
      { task: null, recentTasks: [], runs: 0 },
    ])
    for (const { heapUsed, heapTotal, heapLimit } of idle) {
      expect(heapUsed).toBeGreaterThan(megabyte)
      expect(heapUsed).toBeLessThanOrEqual(heapTotal)
      expect(heapTotal).toBeLessThan(heapLimit)
    }
    const stop = new AbortController()
    const recorder = createRecorder()
    const spinning = run(pool, request('spin', { listen: 'NOT' }), recorder, stop.signal)
    await until(() => recorder.said.length > 0)
    const busy = await pool.memory()
    expect(busy.map(({ task, runs }) => ({ task, runs }))).toEqual(
      expect.arrayContaining([
        { task: 'spin', runs: 1 },
        { task: null, runs: 0 },
      ]),
    )
    stop.abort()
    await spinning
    const after = await pool.memory()
    expect(after.every(({ task }) => task === null)).toBe(true)
  })

  it('names what a thread ran last', async () => {
    await using single = await openTestPool({ threads: 1 })
    await single.describe()
    await runTask(single, 'countUp', { to: 1 })
    await runTask(single, 'writeToConsole', { until: null })
    await runTask(single, 'countUp', { to: 1 })
    const [thread] = await single.memory()
    expect(thread).toMatchObject({ task: null, recentTasks: ['countUp', 'writeToConsole'], runs: 3 })
  })

  it('is what is held once the thread has collected its garbage', async () => {
    await runTask(pool, 'largeHeap', { fillMb: 60 })
    const full = (await pool.memory()).find(({ recentTasks }) => recentTasks.includes('largeHeap'))
    if (full === undefined) throw new Error('The thread is gone.')
    const collected = await pool.collect(full.threadId)
    expect(collected).toMatchObject({ threadId: full.threadId, recentTasks: ['largeHeap'], runs: 1 })
    expect(full.heapUsed - (collected?.heapUsed ?? 0)).toBeGreaterThan(30 * megabyte)
  })

  it('is nothing where there is no such thread', async () => {
    expect(await pool.collect(1_000_000)).toBeNull()
  })
})

describe('a reader of the memory of threads', () => {
  const heap = { used_heap_size: 1, total_heap_size: 2, heap_size_limit: 3, external_memory: 4 }
  const worker = (threadId: number, getHeapStatistics: () => Promise<unknown>) =>
    // Nothing else is asked for.
    ({
      threadId,
      getHeapStatistics,
      startHeapProfile: () => Promise.reject(new Error('No.')),
    }) as unknown as AskedWorker
  const reader = createThreadMemoryReader(createThreadRoster())
  const well = worker(1, async () => heap)

  it('leaves out who does not answer, and asks no second time meanwhile', async () => {
    let asked = 0
    const held = worker(2, () => {
      asked += 1
      return new Promise(() => {})
    })
    const ended = worker(3, () => Promise.reject(new Error('It is not running.')))
    const expected = [
      { threadId: 1, task: null, recentTasks: [], runs: 0, heapUsed: 1, heapTotal: 2, heapLimit: 3, external: 4 },
    ]
    expect(await reader.read([held, well, ended])).toEqual(expected)
    expect(await reader.read([held, well, ended])).toEqual(expected)
    expect(asked).toBe(1)
  })

  it('cannot collect where Node cannot', async () => {
    expect(await reader.collect(well)).toBeNull()
  })
})

describe('the roster of threads', () => {
  it('keeps the last five tasks of the threads that are there', () => {
    const roster = createThreadRoster()
    const part = { isOver: false }
    for (const task of ['a', 'b', 'c', 'd', 'e', 'f', 'b']) roster.enter(1, task, part)
    expect(roster.read(1)).toEqual({ task: 'b', recentTasks: ['b', 'f', 'e', 'd', 'c'], runs: 7 })
    part.isOver = true
    expect(roster.read(1)?.task).toBeNull()
    roster.keepOnly(new Set([2]))
    expect(roster.read(1)).toBeNull()
  })

  it('is not filled by a thread that lies', () => {
    const roster = createThreadRoster()
    for (let threadId = 0; threadId < 5_000; threadId += 1) roster.enter(threadId, 'lie', { isOver: true })
    expect(roster.read(999)).not.toBeNull()
    expect(roster.read(1_000)).toBeNull()
  })
})
