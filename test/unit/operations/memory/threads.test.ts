import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { megabyte, openScriptedProcess } from './scripted-process.ts'

const thread = { task: null, heapTotal: 0, heapLimit: 0, external: 0 }
const heap = { held: () => 50 }

describe('the heap of a thread for tasks', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  it('is told of by the names of its tasks when it grows from attempt to attempt', async () => {
    const threads = (at: number) => [
      { ...thread, threadId: 2, recentTasks: ['addUp'], runs: at, heapUsed: 20 * megabyte },
      { ...thread, threadId: 3, recentTasks: ['leak', 'addUp'], runs: at, heapUsed: (20 + 12 * at) * megabyte },
    ]
    using scripted = openScriptedProcess(heap, { threads })
    const heard = new Set<string>()
    scripted.watch.onSign(({ kind, threadId }) => heard.add(`${kind} ${threadId}`))
    await scripted.live(20)
    expect([...heard]).toEqual([])
    await scripted.live(8)
    expect([...heard]).toEqual(['MEMORY_GROWTH 3'])
    const reading = scripted.raised.get('MEMORY_GROWTH')
    expect((reading?.value ?? 0) / megabyte).toBeCloseTo(12, 0)
    expect(reading?.message).toMatch(
      /^What thread 3, which ran leak, addUp last, holds after garbage collection has grown/,
    )
  })

  it.each<[string, number, number]>([
    ['before', 0, 30],
    ['after', 30, 0],
  ])('is told of besides the main thread, whichever leaks first: %s', async (_, threadFrom, mainFrom) => {
    const grown = (at: number, from: number) => 50 + 12 * Math.max(0, at - from)
    const threads = (at: number) => [
      { ...thread, threadId: 3, recentTasks: ['leak'], runs: at, heapUsed: grown(at, threadFrom) * megabyte },
    ]
    using scripted = openScriptedProcess({ held: (at) => grown(at, mainFrom) }, { threads })
    const heard = new Set<string>()
    scripted.watch.onSign(({ kind, threadId }) => heard.add(`${kind} ${threadId}`))
    await scripted.live(28)
    const first = threadFrom === 0 ? '3' : 'null'
    expect([...heard].filter((sign) => sign.startsWith('MEMORY_GROWTH'))).toEqual([`MEMORY_GROWTH ${first}`])
    await scripted.live(40)
    expect(heard).toContain('MEMORY_GROWTH 3')
    expect(heard).toContain('MEMORY_GROWTH null')
    const { marks } = await scripted.watch.status()
    expect(marks.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['MEMORY_GROWTH', 'MEMORY_GROWTH of thread 3']),
    )
  })

  it('may grow while one attempt gathers something', async () => {
    const threads = (at: number) => [
      { ...thread, threadId: 3, task: 'gather', recentTasks: ['gather'], runs: 1, heapUsed: (20 + 30 * at) * megabyte },
    ]
    using scripted = openScriptedProcess(heap, { threads })
    await scripted.live(60)
    expect(scripted.everRaised).toEqual([])
  })

  it('is forgotten with its thread', async () => {
    const threads = (at: number) =>
      at > 28 ? [] : [{ ...thread, threadId: 3, recentTasks: ['leak'], runs: at, heapUsed: (20 + 12 * at) * megabyte }]
    using scripted = openScriptedProcess(heap, { threads })
    await scripted.live(28)
    expect([...scripted.raised.keys()]).toEqual(['MEMORY_GROWTH'])
    await scripted.live(2)
    expect([...scripted.raised.keys()]).toEqual([])
  })
})
