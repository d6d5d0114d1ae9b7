import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLoadMeter } from '../../../src/adapters/local/process-load.ts'
import { watchBus } from '../../../src/services/operations/bus-status.ts'
import { ownView } from '../../../src/services/operations/own-view.ts'
import { fakeClock } from '../../support/fake-clock.ts'

/** Keeps the loop busy for so long, in ms. */
function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const sources = {
  pool: () => ({ threads: 4, busy: 2, zombies: 1, waiting: 3 }),
  open: () => ({ connections: 5, streams: 6 }),
  bus: () => ({ kind: 'ipc', isLive: true, since: 7 }) as const,
}

describe('the load of a process', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is what its parts tell, and what the process takes', () => {
    using meter = createLoadMeter(sources)
    const load = meter.read()
    expect(load).toMatchObject({
      threads: 4,
      busyThreads: 2,
      zombieThreads: 1,
      waitingAttempts: 3,
      connections: 5,
      streams: 6,
      bus: { kind: 'ipc', isLive: true, since: 7 },
      // No second is over.
      loopUtilization: 0,
      cpuCores: 0,
      loopDelayMaxMs: 0,
    })
    expect(load.rssBytes).toBeGreaterThan(load.heapUsedBytes)
    expect(load.heapTotalBytes).toBeGreaterThan(1e6)
    expect(load.uptimeMs).toBeGreaterThan(0)
  })

  it('says how busy and how late its loop was in the last second, the same to all who ask', async () => {
    using meter = createLoadMeter(sources)
    // The loop turns before and after, so that its lateness can be seen.
    const turn = () => new Promise((resolve) => setTimeout(resolve, 30))
    await turn()
    spin(500)
    await turn()
    vi.advanceTimersByTime(1_000)
    const loads = [meter.read(), meter.read(), meter.read()]
    for (const { loopDelayMaxMs, loopDelayP99Ms, loopDelayP50Ms, loopUtilization, cpuCores } of loads) {
      expect(loopDelayMaxMs).toBeGreaterThan(400)
      expect(loopDelayMaxMs).toBeGreaterThanOrEqual(loopDelayP99Ms)
      expect(loopDelayP50Ms).toBeLessThan(loopDelayMaxMs)
      expect([loopUtilization > 0, loopUtilization <= 1, cpuCores > 0]).toEqual([true, true, true])
    }
    // The next second has nothing of it.
    await turn()
    vi.advanceTimersByTime(1_000)
    expect(meter.read().loopDelayMaxMs).toBeLessThan(loads[0]?.loopDelayMaxMs ?? 0)
  })

  it('leaves no timer behind', () => {
    createLoadMeter(sources)[Symbol.dispose]()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the line to the other processes', () => {
  it('is told with the time since when it is as it is', () => {
    const clock = fakeClock()
    let hear = (_isLive: boolean): void => undefined
    const bus = {
      isLive: true,
      onChange(listener: (isLive: boolean) => void) {
        hear = listener
        return () => undefined
      },
    }
    using watched = watchBus(bus, 'redis', clock)
    const since = clock.now()
    clock.advance(10)
    expect(watched.status()).toEqual({ kind: 'redis', isLive: true, since })
    bus.isLive = false
    hear(false)
    clock.advance(10)
    expect(watched.status()).toEqual({ kind: 'redis', isLive: false, since: since + 10 })
    // Some messages were lost, but the line was there.
    bus.isLive = true
    hear(true)
    clock.advance(10)
    hear(true)
    expect(watched.status()).toEqual({ kind: 'redis', isLive: true, since: since + 20 })
  })
})

it('a process without a supervisor sees itself', async () => {
  const clock = fakeClock()
  const startedAt = clock.now()
  using meter = createLoadMeter(sources)
  const view = ownView({ nodeId: 'node_1', pid: 7, clock, load: meter.read })
  clock.advance(1000)
  const { members, ...status } = await view.status()
  expect(status).toEqual({ at: startedAt + 1000, primaryPid: 7, isSupervised: false, startedAt })
  expect(members).toEqual([
    {
      number: 1,
      nodeId: 'node_1',
      pid: 7,
      state: 'READY',
      startedAt,
      restarts: 0,
      lastEnd: null,
      load: expect.objectContaining({ threads: 4 }),
      heardAt: startedAt + 1000,
    },
  ])
})
