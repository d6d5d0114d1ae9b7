import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { localBus } from '../../../../src/adapters/local/local-bus.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { anonymous } from '../../../../src/core/principal.ts'
import { createAlertBoard } from '../../../../src/services/operations/alerts/alert-board.ts'
import { createAlarms } from '../../../../src/services/operations/alerts/create-alarms.ts'
import { recordAlerts } from '../../../../src/services/operations/alerts/record-alerts.ts'
import type { ToldAlert } from '../../../../src/services/operations/alerts/told-alert.ts'
import { createHub } from '../../../../src/services/streams/hub.ts'
import { publishCommitted } from '../../../../src/services/streams/live-events.ts'
import type { TopicStream } from '../../../../src/services/streams/stream.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'
import { openTestStore } from '../../../support/open-test-store.ts'
import { somebody } from '../../../support/principals.ts'
import { alertAt, tellings } from './fixtures.ts'

const start = Date.UTC(2030, 0, 1)
const minute = 60_000
const admin = somebody({ roles: ['user', 'admin'] })
const all = { active: null, first: 20, after: null }
const high = { value: 2, limit: 1, unit: 'BYTES', message: 'There are 2.' } as const

beforeEach(() => void vi.useFakeTimers({ now: start, toFake: ['Date', 'setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

async function openBoard() {
  await using opened = new AsyncDisposableStack()
  const logger = collectingLogger()
  const store = opened.use(await openTestStore())
  const bus = opened.use(localBus(logger))
  opened.defer(store.onCommitted(publishCommitted(bus)))
  const hub = opened.use(createHub({ store, bus, logger }))
  const board = createAlertBoard({ store, hub, clock: systemClock })
  const resources = opened.move()
  const head = async () => (await store.read(({ log }) => log.head('alerts'))).offset
  /** Resolves when so many events are there. */
  const written = async (count: number) => {
    while ((await head()) < count) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    board,
    store,
    written,
    /** The alarms of one more process. */
    startProcess(member: number) {
      const recorder = recordAlerts({ store, logger })
      const origin = { member, nodeId: `node_${member}` }
      const alarms = createAlarms({ clock: systemClock, origin, listeners: [recorder.hear] })
      resources.defer(() => {
        alarms.stop()
        return recorder.close()
      })
      return alarms
    },
    async record(told: readonly ToldAlert[]) {
      const recorder = recordAlerts({ store, logger })
      // One after the other: of what waits together only the newest is kept.
      for (const one of told) {
        const before = await head()
        recorder.hear(one)
        await written(before + 1)
      }
      await recorder.close()
    },
    nodes: async (wish = {}) => (await board.list(admin, { ...all, ...wish })).edges.map(({ node }) => node),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const body = async (stream: TopicStream) => (await stream.next()).value?.body

describe('the board of alerts', () => {
  it('is for administrators whose credential has the scope', async () => {
    await using test = await openBoard()
    for (const [principal, code] of [
      [anonymous, 'UNAUTHENTICATED'],
      [{ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'SESSION_REVOKED'],
      [somebody(), 'INSUFFICIENT_SCOPE'],
      [{ ...admin, scopes: ['jobs:read'] }, 'INSUFFICIENT_SCOPE'],
      [{ ...admin, roles: ['user'] }, 'INSUFFICIENT_SCOPE'],
    ] as const) {
      await expect(test.board.list(principal, all)).rejects.toMatchObject({ code })
      await expect(test.board.watch(principal, null)).rejects.toMatchObject({ code })
    }
    expect(await test.nodes()).toEqual([])
  })

  it('has the alerts of all processes, each as it was told last, the newest first', async () => {
    await using test = await openBoard()
    const [one, other] = [test.startProcess(1), test.startProcess(2)]
    one.set('HEAP_HIGH', high)
    await test.written(1)
    vi.advanceTimersByTime(minute)
    other.set('HEAP_HIGH', { ...high, value: 3 })
    await test.written(2)
    one.set('HEAP_HIGH', null)
    await test.written(3)
    expect(await test.nodes()).toMatchObject([
      { member: 2, nodeId: 'node_2', value: 3, isActive: true, clearedAt: null },
      { member: 1, nodeId: 'node_1', value: 2, isActive: false, clearedAt: start + minute },
    ])
    expect(await test.nodes({ active: true })).toMatchObject([{ member: 2 }])
    expect(await test.nodes({ active: false })).toMatchObject([{ member: 1 }])
  })

  it('does not count an alert as active whose process has not told it for six minutes', async () => {
    await using test = await openBoard()
    test.startProcess(1).set('RSS_HIGH', high)
    await test.written(1)
    // Of a process that dies before it can clear anything.
    await test.record([tellings(alertAt(start, { member: 2 })).raised])
    vi.advanceTimersByTime(6 * minute)
    await test.written(3)
    expect(await test.nodes({ active: true })).toMatchObject([{ member: 2 }, { member: 1 }])
    vi.advanceTimersByTime(1)
    expect(await test.nodes()).toMatchObject([
      { member: 2, isActive: false, clearedAt: null },
      { member: 1, isActive: true },
    ])
    const stream = await test.board.watch(admin, null)
    expect(await body(stream)).toMatchObject({ type: 'AlertsSnapshot', active: [{ member: 1 }] })
    await stream.return()
  })

  it('comes page by page', async () => {
    await using test = await openBoard()
    const told = Array.from({ length: 5 }, (_, index) => tellings(alertAt(start + index)).raised)
    await test.record(told)
    const ids = told.map(({ alert }) => alert.id).toReversed()
    const seen: string[] = []
    let after: string | null = null
    for (let pages = 0; pages < 3; pages += 1) {
      const page: Awaited<ReturnType<typeof test.board.list>> = await test.board.list(admin, {
        ...all,
        first: 2,
        after,
      })
      seen.push(...page.edges.map(({ node }) => node.id))
      expect(page.pageInfo.hasNextPage).toBe(pages < 2)
      after = page.pageInfo.endCursor
    }
    expect(seen).toEqual(ids)
    for (const wish of [{ first: 0 }, { first: 101 }, { first: 1.5 }, { after: 'x' }])
      await expect(test.board.list(admin, { ...all, ...wish })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('looks at the newest 2,000 events, also where there are more', async () => {
    await using test = await openBoard()
    const first = alertAt(start)
    const later = alertAt(start + 1)
    await test.store.write(async ({ log }) => {
      for (let count = 0; count < 1_501; count += 1) await log.append('alerts', { ...tellings(first).repeated(count) })
      for (let count = 0; count < 1_000; count += 1) await log.append('alerts', { ...tellings(later).repeated(count) })
    })
    expect(await test.nodes()).toMatchObject([
      { id: later.id, toldAt: 999 },
      { id: first.id, toldAt: 1_500 },
    ])
    await test.store.write(async ({ log }) => {
      for (let count = 0; count < 1_000; count += 1) await log.append('alerts', { ...tellings(later).repeated(count) })
    })
    expect(await test.nodes()).toMatchObject([{ id: later.id }])
  })

  it('is told live, from what lasts on, and from a cursor on', async () => {
    await using test = await openBoard()
    const alarms = test.startProcess(1)
    alarms.set('BUS_DOWN', high)
    await test.written(1)
    const stream = await test.board.watch(admin, null)
    expect(await body(stream)).toMatchObject({ type: 'AlertsSnapshot', at: start, active: [{ kind: 'BUS_DOWN' }] })
    const { cursor } = stream
    alarms.set('BUS_DOWN', null)
    expect(await body(stream)).toMatchObject({ type: 'AlertCleared', alert: { kind: 'BUS_DOWN', isActive: false } })
    await stream.return()
    const back = await test.board.watch(admin, { after: cursor, onGap: 'error' })
    expect(await body(back)).toMatchObject({ type: 'AlertCleared' })
    await back.return()
  })
})
