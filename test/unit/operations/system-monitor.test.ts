import { afterEach, describe, expect, it, vi } from 'vitest'
import { localBus } from '../../../src/adapters/local/local-bus.ts'
import type { SystemStatus } from '../../../src/core/system-status.ts'
import { anonymous } from '../../../src/core/principal.ts'
import type { MemberAnswer } from '../../../src/ports/members.ts'
import type { SystemEvent } from '../../../src/services/operations/system/system-event.ts'
import { createSystemMonitor } from '../../../src/services/operations/system/system-monitor.ts'
import { createHub } from '../../../src/services/streams/hub.ts'
import { publishCommitted } from '../../../src/services/streams/live-events.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { somebody } from '../../support/principals.ts'
import { processStatus, talkativeStatus } from './process-statuses.ts'

const admin = somebody({ roles: ['user', 'admin'] })

interface Setting {
  readonly isSupervised?: boolean
  /** What the processes answer. */
  readonly answers: () => Promise<readonly MemberAnswer[]>
}

async function openMonitor({ isSupervised = true, answers }: Setting) {
  await using opened = new AsyncDisposableStack()
  const clock = fakeClock()
  const logger = collectingLogger()
  const store = opened.use(await openTestStore())
  const bus = opened.use(localBus(logger))
  opened.defer(store.onCommitted(publishCommitted(bus)))
  const hub = opened.use(createHub({ store, bus, logger, clock }))
  const asked: unknown[] = []
  const members = {
    number: 1,
    askAll(...question: unknown[]) {
      asked.push(question)
      return answers()
    },
  }
  const monitor = opened.use(createSystemMonitor({ store, hub, clock, logger, members, isSupervised }))
  const resources = opened.move()
  return { monitor, store, clock, asked, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

const answersOf =
  (...answers: readonly [number, unknown][]) =>
  async () =>
    answers.map(([number, answer]) => ({ number, answer }))

describe('the status of the system', () => {
  it('is for administrators whose credential has the scope', async () => {
    await using test = await openMonitor({ answers: answersOf([1, processStatus(1)]) })
    const refused = [
      [anonymous, 'UNAUTHENTICATED'],
      [{ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'SESSION_REVOKED'],
      [somebody(), 'INSUFFICIENT_SCOPE'],
      [{ ...admin, scopes: ['jobs:read'] }, 'INSUFFICIENT_SCOPE'],
      [{ ...admin, roles: ['user'] }, 'INSUFFICIENT_SCOPE'],
    ] as const
    for (const [principal, code] of refused) {
      await expect(test.monitor.status(principal)).rejects.toMatchObject({ code })
      await expect(test.monitor.watch(principal, null)).rejects.toMatchObject({ code })
    }
    expect(test.asked).toEqual([])
    await expect(test.monitor.status({ ...admin, kind: 'apiKey', sessionId: null })).resolves.toBeDefined()
  })

  it('has the processes that answered by number, and the numbers of those that were silent', async () => {
    const answers = answersOf([2, processStatus(2)], [0, processStatus(0)], [3, null], [1, processStatus(1)])
    await using test = await openMonitor({ answers })
    expect(await test.monitor.status(admin)).toEqual({
      at: test.clock.now(),
      processes: [processStatus(0), processStatus(1), processStatus(2)],
      silent: [3],
    })
    expect(test.asked).toEqual([['status', 1_500]])
  })

  it('says that the primary was silent where nobody could be asked but this process', async () => {
    await using supervised = await openMonitor({ answers: answersOf([1, processStatus(1)]) })
    expect(await supervised.monitor.status(admin)).toMatchObject({ silent: [0] })
    await using alone = await openMonitor({ isSupervised: false, answers: answersOf([1, processStatus(1)]) })
    expect(await alone.monitor.status(admin)).toMatchObject({ silent: [] })
    await using nobody = await openMonitor({ answers: answersOf() })
    expect(await nobody.monitor.status(admin)).toMatchObject({ processes: [], silent: [0, 1] })
  })

  it('takes what is no status for silence, and the place from the line that it came over', async () => {
    const good = processStatus(1)
    const bad = [
      'text',
      [],
      {},
      { ...good, load: null },
      { ...good, pid: '7' },
      { ...good, memory: { ...good.memory, threads: null } },
      { ...good, memory: null },
      { ...good, loop: { ...good.loop, holds: {} } },
      { ...good, alerts: 'HEAP_HIGH' },
    ]
    const answers = answersOf([1, processStatus(9)], ...bad.map((answer, n) => [n + 2, answer] as [number, unknown]))
    await using test = await openMonitor({ isSupervised: false, answers })
    const { processes, silent } = await test.monitor.status(admin)
    expect(processes.map(({ number }) => number)).toEqual([1])
    expect(silent).toEqual(bad.map((_, n) => n + 2))
  })

  it('is collected once for all who ask meanwhile', async () => {
    await using test = await openMonitor({ answers: answersOf([1, processStatus(1)]) })
    const all = await Promise.all(Array.from({ length: 5 }, () => test.monitor.status(admin)))
    expect([new Set(all).size, test.asked.length]).toEqual([1, 1])
    await test.monitor.status(admin)
    expect(test.asked).toHaveLength(2)
  })

  it('is bounded whatever a process says', async () => {
    await using test = await openMonitor({ answers: answersOf([1, talkativeStatus(1)]) })
    const [process] = (await test.monitor.status(admin)).processes
    const { memory, loop } = process ?? processStatus(1)
    expect(
      [memory.spaces, memory.threads, memory.marks, loop.resources, loop.holds].map(({ length }) => length),
    ).toEqual([12, 64, 10, 30, 50])
    expect(memory.marks.map(({ label }) => label)).toEqual([
      'baseline',
      ...Array.from({ length: 9 }, (_, n) => `mark ${n + 992}`.padEnd(100, 'x')),
    ])
  })
})

describe('the stream of it', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('opens with the status, is sampled while somebody watches, and goes on where it was left', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using test = await openMonitor({ answers: answersOf([0, processStatus(0)], [1, processStatus(1)]) })
    const { monitor, clock } = test
    const stream = await monitor.watch(admin, null)
    const opening = (await stream.next()).value
    const told = (at: number): SystemStatus => ({ at, processes: [processStatus(0), processStatus(1)], silent: [] })
    const at = clock.now()
    expect(opening?.body).toEqual({ type: 'SystemSnapshot', at, status: told(at) })
    clock.advance(2_000)
    await vi.advanceTimersByTimeAsync(2_000)
    const sample = { type: 'SystemSampled', at: at + 2_000, status: told(at + 2_000) }
    expect((await stream.next()).value?.body).toEqual(sample)
    await stream.return()

    const again = await monitor.watch(admin, { after: opening?.cursor ?? '', onGap: 'error' })
    const first = (await again.next()).value
    expect([first?.body, first?.opening]).toEqual([
      sample,
      expect.objectContaining({ status: 'recovered', gap: false }),
    ])
    await again.return()
  })

  it('keeps samples small whatever a process says', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using test = await openMonitor({ answers: answersOf([1, talkativeStatus(1)]) })
    const stream = await test.monitor.watch(admin, null)
    const frames = [(await stream.next()).value?.body]
    test.clock.advance(2_000)
    await vi.advanceTimersByTimeAsync(2_000)
    frames.push((await stream.next()).value?.body)
    for (const frame of frames) {
      // The body of an event of this topic is one.
      const event = frame as unknown as SystemEvent
      expect(event.status.processes.map(({ loop }) => loop.holds.length)).toEqual([10])
      expect(JSON.stringify(frame).length).toBeLessThan(24_000)
    }
    await stream.return()
  })
})
