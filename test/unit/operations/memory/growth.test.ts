import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRandom } from '../../../chaos/random.ts'
import { megabyte, openScriptedProcess, type ScriptedHeap } from './scripted-process.ts'

/** Garbage that is collected every half minute, every 15 minutes, and not by itself. */
const sawteeth = {
  fast: { garbagePerMinute: 300, collectedAt: 150 },
  slow: { garbagePerMinute: 20, collectedAt: 300 },
  never: { garbagePerMinute: 1 },
}
const kinds = ['fast', 'slow', 'never'] as const

/** MB, give or take `by`, the same in each run. */
function noisy(by: number): () => number {
  const random = createRandom(7)
  return () => (random.next() - 0.5) * 2 * by
}

describe('growth of what is held', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  const noise = noisy(10)
  it.each<[string, number, ScriptedHeap]>([
    ['a fast sawtooth', 1, { held: () => 150 + noise(), ...sawteeth.fast }],
    ['a sawtooth of 15 minutes', 1, { held: () => 150 + noise(), ...sawteeth.slow }],
    ['a sawtooth that nobody collects', 2, { held: () => 150, garbagePerMinute: 25 }],
    ['what is given back every 15 minutes', 2, { held: (at) => 100 + 25 * (at % 15) + noise(), ...sawteeth.fast }],
    ['a cache that fills at once', 1, { held: (at) => (at < 12 ? 100 : 500) + noise(), ...sawteeth.slow }],
    ...[3, 8, 12, 17].map((from): [string, number, ScriptedHeap] => [
      `a cache that fills from minute ${from} on for ten`,
      1,
      { held: (at) => 100 + 40 * Math.min(Math.max(0, at - from), 10) + noise(), ...sawteeth.fast },
    ]),
    ['a plateau with much noise', 1, { held: () => 400 + 8 * noise(), ...sawteeth.fast }],
    [
      'a day and its night',
      24,
      { held: (at) => 400 - 300 * Math.cos((2 * Math.PI * at) / (24 * 60)) + noise(), ...sawteeth.slow },
    ],
  ])('is not seen in %s', async (_, hours, heap) => {
    using scripted = openScriptedProcess(heap)
    await scripted.live(hours * 60)
    expect(scripted.everRaised).toEqual([])
    // A collection each 2 minutes at most, and fewer the more is held.
    expect(scripted.asked).toBeLessThanOrEqual(hours * 30)
  })

  it.each(kinds)('of 12 MB a minute is told within 25 minutes where garbage is collected: %s', async (kind) => {
    using scripted = openScriptedProcess({ held: (at) => 100 + 12 * at, ...sawteeth[kind] })
    const signs = new Set<string>()
    scripted.watch.onSign(({ kind, threadId }) => signs.add(`${kind} ${threadId}`))
    await scripted.live(20)
    expect(scripted.everRaised).toEqual([])
    await scripted.live(5)
    expect(signs).toContain('MEMORY_GROWTH null')
    const reading = scripted.raised.get('MEMORY_GROWTH')
    expect(reading).toMatchObject({ limit: 10 * megabyte, unit: 'BYTES_PER_MINUTE' })
    expect((reading?.value ?? 0) / megabyte).toBeCloseTo(12, 0)
    expect(reading?.message).toMatch(
      /^What the process holds after garbage collection has grown steadily by 1[12](\.\d)? MB a minute, from \d+(\.\d)? to \d+(\.\d)? MB within 2\d(\.\d)? minutes and \d+ collections: more than the 10 MB a minute of MEMORY_GROWTH_MB_PER_MINUTE. It may be a leak.$/,
    )
    const { growth, marks } = await scripted.watch.status()
    expect(growth?.risingPairs).toBeGreaterThan(0.95)
    expect(marks.map(({ label }) => label)).toEqual(['start', 'baseline', 'MEMORY_GROWTH'])
  })

  it('says nothing of a process that warms up', async () => {
    using scripted = openScriptedProcess({ held: (at) => 100 + 12 * at, ...sawteeth.fast })
    await scripted.live(0.5)
    expect((await scripted.watch.status()).growth).toBeNull()
    expect((await scripted.watch.status()).marks.map(({ label }) => label)).toEqual(['start'])
  })

  it('is told through noise, too', async () => {
    const by = noisy(20)
    using scripted = openScriptedProcess({ held: (at) => 100 + 12 * at + by(), ...sawteeth.fast })
    await scripted.live(30)
    expect([...scripted.raised.keys()]).toEqual(['MEMORY_GROWTH'])
  })

  it.each(kinds)('of 5 MB a minute is below the limit where garbage is collected: %s', async (kind) => {
    using scripted = openScriptedProcess({ held: (at) => 100 + 5 * at, ...sawteeth[kind] })
    await scripted.live(120)
    expect(scripted.everRaised).toEqual([])
  })

  it('is a reason for an early look into a heap that is still small, and no alert', async () => {
    const signs: string[] = []
    using scripted = openScriptedProcess({ held: (at) => 50 + 8 * at, ...sawteeth.fast })
    scripted.watch.onSign(({ kind }) => signs.push(`${kind} at ${scripted.minute().toFixed(0)}`))
    await scripted.live(14)
    expect(signs[0]).toMatch(/^HEAP_GROWN at (?:9|1[0-3])$/)
    expect(scripted.everRaised).toEqual([])
  })

  it.each<[string, ScriptedHeap]>([
    [
      'a heap that has become large and grows no more',
      { held: (at) => (at < 3 ? 50 : 90) + noise() / 2, ...sawteeth.fast },
    ],
    ['a heap whose caches fill for an hour', { held: (at) => 40 + 40 * (1 - Math.exp(-at / 20)), ...sawteeth.fast }],
    ['a heap that is hardly larger than it was', { held: (at) => 50 + 0.2 * at, ...sawteeth.fast }],
  ])('is no reason for an early look in %s', async (_, heap) => {
    const signs: unknown[] = []
    using scripted = openScriptedProcess(heap)
    scripted.watch.onSign((sign) => signs.push(sign))
    await scripted.live(60)
    expect(signs).toEqual([])
  })

  it('is cleared when it has come to its end', async () => {
    using scripted = openScriptedProcess({ held: (at) => 100 + 12 * Math.min(at, 30), ...sawteeth.never })
    await scripted.live(30)
    expect([...scripted.raised.keys()]).toEqual(['MEMORY_GROWTH'])
    await scripted.live(30)
    expect([...scripted.raised.keys()]).toEqual([])
    expect(scripted.everRaised).toHaveLength(1)
  })
})
