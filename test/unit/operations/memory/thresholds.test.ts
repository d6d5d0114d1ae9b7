import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { megabyte, openScriptedProcess } from './scripted-process.ts'

describe('the alerts about high memory', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  it('take garbage in the heap for nothing, and ask for few collections', async () => {
    using scripted = openScriptedProcess({ held: () => 300, garbagePerMinute: 5_000, collectedAt: 4_000 })
    await scripted.live(60)
    expect(scripted.everRaised).toEqual([])
    using quiet = openScriptedProcess({ held: () => 300, garbagePerMinute: 400 })
    await quiet.live(60)
    expect(quiet.everRaised).toEqual([])
    expect(quiet.asked).toBeLessThanOrEqual(30)
  })

  it.each([
    ['by itself', { garbagePerMinute: 100, collectedAt: 50 }],
    ['because it was asked for', { garbagePerMinute: 0 }],
  ])('tell of a heap that is still high after a collection that came %s', async (_, garbage) => {
    using scripted = openScriptedProcess({ held: (at) => (at > 5 && at < 15 ? 1_100 : 950), ...garbage })
    await scripted.live(4)
    expect(scripted.everRaised).toEqual([])
    await scripted.live(6)
    expect([...scripted.raised]).toEqual([
      [
        'HEAP_HIGH',
        {
          value: 1_100 * megabyte,
          limit: 1_024 * megabyte,
          unit: 'BYTES',
          message: 'The JavaScript heap holds 1,100 MB after garbage collection, over the 1,024 MB of MEMORY_HEAP_MB.',
        },
      ],
    ])
    // 950 MB are below the limit, and not below 90 % of it.
    await scripted.live(10)
    expect([...scripted.raised.keys()]).toEqual(['HEAP_HIGH'])
    expect(scripted.everRaised).toHaveLength(1)
  })

  it('clear a heap that is below 90 % of its limit', async () => {
    using scripted = openScriptedProcess({ held: (at) => (at < 10 ? 1_100 : 900) })
    await scripted.live(9)
    expect([...scripted.raised.keys()]).toEqual(['HEAP_HIGH'])
    await scripted.live(2)
    expect([...scripted.raised.keys()]).toEqual([])
  })

  it('tell of external memory once a collection that was asked for has left it there', async () => {
    const external = (at: number) => (at < 5 || at > 20 ? 100 : 1_500)
    using scripted = openScriptedProcess({ held: () => 50, external, garbagePerMinute: 100, collectedAt: 50 })
    await scripted.live(5.5)
    expect(scripted.everRaised).toEqual([])
    await scripted.live(4)
    expect(scripted.raised.get('EXTERNAL_HIGH')?.message).toBe(
      'Buffers and other memory outside of the heap hold 1,500 MB after garbage collection, over the 1,024 MB of MEMORY_EXTERNAL_MB.',
    )
    await scripted.live(12)
    expect([...scripted.raised.keys()]).toEqual([])
  })

  it('tell of resident memory that has been high for a minute, not of a peak', async () => {
    const rss = (at: number) => ((at > 2 && at < 2.5) || (at > 5 && at < 8) ? 2_500 : 1_900)
    using scripted = openScriptedProcess({ held: () => 50, rss })
    await scripted.live(5)
    expect(scripted.everRaised).toEqual([])
    await scripted.live(2)
    expect(scripted.raised.get('RSS_HIGH')).toEqual({
      value: 2_500 * megabyte,
      limit: 2_048 * megabyte,
      unit: 'BYTES',
      message: 'The process has 2,500 MB of memory, and has had more than the 2,048 MB of MEMORY_RSS_MB for a while.',
    })
    // 1,900 MB are not below 90 % of the limit.
    await scripted.live(10)
    expect([...scripted.raised.keys()]).toEqual(['RSS_HIGH'])
  })

  it('clear resident memory that has been low for a minute', async () => {
    using scripted = openScriptedProcess({ held: () => 50, rss: (at) => (at < 3 || at === 4 ? 2_500 : 1_000) })
    await scripted.live(3)
    expect([...scripted.raised.keys()]).toEqual(['RSS_HIGH'])
    await scripted.live(1.5)
    expect([...scripted.raised.keys()]).toEqual(['RSS_HIGH'])
    await scripted.live(1)
    expect([...scripted.raised.keys()]).toEqual([])
  })

  it('go to who listens for as long as they last, with a mark when they are raised', async () => {
    using scripted = openScriptedProcess({ held: () => 2_000, rss: () => 3_000 })
    const heard: unknown[] = []
    const stop = scripted.watch.onSign((sign) => heard.push(sign))
    await scripted.live(10)
    const both = [
      { kind: 'HEAP_HIGH', threadId: null },
      { kind: 'RSS_HIGH', threadId: null },
    ]
    expect(heard.slice(-2)).toEqual(both)
    const [before, { marks: early }] = [heard.length, await scripted.watch.status()]
    await scripted.live(10)
    expect(heard.length).toBeGreaterThanOrEqual(before + 2 * 100)
    expect((await scripted.watch.status()).marks).toEqual(early)
    stop()
    heard.length = 0
    await scripted.live(1)
    expect(heard).toEqual([])
    const { marks } = await scripted.watch.status()
    expect(marks.map(({ label }) => label).toSorted()).toEqual(['HEAP_HIGH', 'RSS_HIGH', 'baseline', 'start'])
  })
})

describe('a memory watch', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  it('writes a line as often as it was told to', async () => {
    const thread = { threadId: 3, task: null, recentTasks: [], runs: 0, heapTotal: 0, heapLimit: 0, external: 0 }
    const threads = () => [{ ...thread, heapUsed: 7 * megabyte }]
    using scripted = openScriptedProcess(
      { held: () => 50, external: () => 2, rss: () => 120.25 },
      { threads, logMs: 5 * 60_000 },
    )
    await scripted.live(11)
    expect(scripted.lines).toHaveLength(2)
    expect(scripted.lines[1]).toEqual({
      level: 'info',
      message: 'Memory.',
      fields: {
        rssMb: 120.3,
        heapUsedMb: 50,
        heapTotalMb: 50,
        heapAfterGcMb: 50,
        externalMb: 2,
        arrayBuffersMb: 0,
        threadHeapsMb: [7],
      },
    })
    expect(scripted.watch.threadHeapBytes()).toBe(7 * megabyte)
    expect(scripted.watch.heapAfterCollection()).toBe(50 * megabyte)
  })

  it('keeps the newest marks, and the baseline', async () => {
    using scripted = openScriptedProcess({ held: () => 50 })
    await scripted.live(2)
    for (let number = 1; number <= 30; number += 1) scripted.watch.mark(`mark ${number}`)
    scripted.watch.mark('mark 15')
    const { marks } = await scripted.watch.status()
    expect(marks).toHaveLength(20)
    expect(marks[0]?.label).toBe('baseline')
    expect(marks.at(-1)?.label).toBe('mark 15')
    expect(marks[1]?.label).toBe('mark 12')
  })

  it('leaves no timer behind, and says nothing any more', async () => {
    const scripted = openScriptedProcess({ held: () => 2_000 })
    await scripted.live(0.5)
    scripted[Symbol.dispose]()
    expect(vi.getTimerCount()).toBe(0)
    await scripted.live(10)
    expect([scripted.everRaised, scripted.asked]).toEqual([[], 0])
  })
})
