import { createServer } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { createLoopProbe } from '../../../src/adapters/local/loop-probe.ts'
import { openMemoryProbe } from '../../../src/adapters/local/memory-probe.ts'
import { openLoop } from '../../../src/compose/open-system.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { Collection } from '../../../src/ports/memory-probe.ts'
import { createLoopHolds } from '../../../src/services/operations/loop-holds.ts'
import { eventually } from '../../support/eventually.ts'

/** Keeps the loop busy for so long, in ms. */
function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** Somebody who tells of the garbage collector what the test says. */
function tellingCollections() {
  const listeners = new Set<(collection: Collection) => void>()
  return {
    listeners,
    tell: (collection: Collection) => listeners.forEach((listener) => listener(collection)),
    onCollection(listener: (collection: Collection) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

describe('the probe of the event loop', () => {
  it('hears that the loop stood still', async () => {
    const stalls: number[] = []
    using _probe = createLoopProbe({
      memory: tellingCollections(),
      onCollection: () => undefined,
      onStall: (ms) => void stalls.push(ms),
    })
    spin(350)
    await eventually(() => stalls.length > 0)
    // The look was due within 100 ms of the beginning.
    expect(stalls[0]).toBeGreaterThanOrEqual(200)
  })

  it('counts pauses for garbage by kind, and hands each on', () => {
    const memory = tellingCollections()
    const heard: Collection[] = []
    using probe = createLoopProbe({ memory, onCollection: (one) => void heard.push(one), onStall: () => undefined })
    const told = [
      { kind: 'minor', ms: 2 },
      { kind: 'major', ms: 30 },
      { kind: 'minor', ms: 3 },
      { kind: 'minor', ms: 1 },
    ] as const
    for (const one of told) memory.tell(one)
    expect(heard).toEqual(told)
    expect(probe.read().gc).toEqual([
      { kind: 'minor', count: 3, totalMs: 6, maxMs: 3 },
      { kind: 'major', count: 1, totalMs: 30, maxMs: 30 },
      { kind: 'incremental', count: 0, totalMs: 0, maxMs: 0 },
      { kind: 'weakcb', count: 0, totalMs: 0, maxMs: 0 },
    ])
  })

  it('counts what keeps the loop alive by type', async () => {
    using probe = createLoopProbe({
      memory: tellingCollections(),
      onCollection: () => undefined,
      onStall: () => undefined,
    })
    const servers = () => probe.read().resources.find(({ type }) => type === 'TCPServerWrap')?.count ?? 0
    const before = servers()
    await using opened = new AsyncDisposableStack()
    for (let n = 0; n < 3; n += 1) {
      const server = opened.use(createServer().listen(0, '127.0.0.1'))
      await once(server, 'listening')
    }
    expect(servers()).toBe(before + 3)
    const counts = probe.read().resources.map(({ count }) => count)
    expect(counts).toEqual(counts.toSorted((one, other) => other - one))
  })

  it('tells of thirty types at most, the most frequent', () => {
    const many = Array.from({ length: 100 }, (_, n) => Array.from({ length: n + 1 }, () => `Type${n}`)).flat()
    using _spied = vi.spyOn(process, 'getActiveResourcesInfo').mockReturnValue(many)
    using probe = createLoopProbe({
      memory: tellingCollections(),
      onCollection: () => undefined,
      onStall: () => undefined,
    })
    const { resources } = probe.read()
    expect([resources.length, resources[0], resources.at(-1)]).toEqual([
      30,
      { type: 'Type99', count: 100 },
      { type: 'Type70', count: 71 },
    ])
  })

  it('leaves no timer and no listener behind', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const memory = tellingCollections()
      const probe = createLoopProbe({ memory, onCollection: () => undefined, onStall: () => undefined })
      expect([vi.getTimerCount(), memory.listeners.size]).toEqual([1, 1])
      probe[Symbol.dispose]()
      expect([vi.getTimerCount(), memory.listeners.size]).toEqual([0, 0])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('what is known of the event loop', () => {
  const figures = () => {
    const observed: [string, string | undefined, number][] = []
    const sources = new Set<() => unknown>()
    return {
      observed,
      sources,
      observe: (name: string, labels: Readonly<Record<string, string>>, seconds: number) =>
        void observed.push([name, labels['kind'], seconds]),
      addSource(read: () => unknown) {
        sources.add(read)
        return () => void sources.delete(read)
      },
    }
  }

  it('has long pauses for garbage among what held it, and all pauses among the figures', () => {
    const memoryProbe = tellingCollections()
    const counted = figures()
    const holds = createLoopHolds(systemClock)
    {
      using opened = openLoop({ memoryProbe, holds, figures: counted })
      memoryProbe.tell({ kind: 'minor', ms: 2 })
      memoryProbe.tell({ kind: 'major', ms: 25 })
      expect(counted.observed).toEqual([
        ['nodejs_gc_duration_seconds', 'minor', 0.002],
        ['nodejs_gc_duration_seconds', 'major', 0.025],
      ])
      expect(opened.loop().holds).toMatchObject([{ what: 'garbage collection', ms: 25, operation: null }])
      const [read] = counted.sources
      expect(read?.()).toMatchObject({
        nodejs_active_resources: expect.arrayContaining([
          { labels: { type: expect.any(String) }, value: expect.any(Number) },
        ]),
      })
    }
    expect([counted.sources.size, memoryProbe.listeners.size]).toEqual([0, 0])
  })

  it('has what V8 itself tells, and a loop that was blocked', async () => {
    using memoryProbe = openMemoryProbe(systemClock)
    const holds = createLoopHolds(systemClock)
    const counted = figures()
    using opened = openLoop({ memoryProbe, holds, figures: counted })
    const end = holds.begin({ operation: 'query slow', operationName: null, requestId: 'req_1' })
    spin(350)
    await eventually(() => opened.loop().holds.some(({ what }) => what === 'unknown'))
    end()
    expect(opened.loop().holds).toContainEqual(expect.objectContaining({ what: 'unknown', operation: 'query slow' }))
    await memoryProbe.collectNow()
    await eventually(() => opened.loop().gc.some(({ kind, count }) => kind === 'major' && count > 0))
    expect(counted.observed.some(([, kind]) => kind === 'major')).toBe(true)
  })
})
