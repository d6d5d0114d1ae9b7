import { describe, expect, it, vi } from 'vitest'
import type { Store } from '../../../../src/ports/store.ts'
import { recordAlerts } from '../../../../src/services/operations/alerts/record-alerts.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'
import { eventually } from '../../../support/eventually.ts'
import { openTestStore, type TestStore } from '../../../support/open-test-store.ts'
import { alertAt, tellings } from './fixtures.ts'

/** A store that takes nothing, or does not answer, while the test wants it so. */
async function openFlakyStore() {
  const real = await openTestStore()
  const state = { isDown: false, tries: 0, gate: Promise.resolve() }
  const write: Store['write'] = async (work) => {
    state.tries += 1
    await state.gate
    if (state.isDown) throw new Error('The disk is full.')
    return real.write(work)
  }
  return { state, real, write, [Symbol.asyncDispose]: () => real[Symbol.asyncDispose]() }
}

const kept = async (store: TestStore) =>
  (await store.read(({ log }) => log.read('alerts', 0, 1_000))).map(
    ({ body }) => body as { type: string; alert: object },
  )

const types = async (store: TestStore) => (await kept(store)).map(({ type }) => type)

const pauseMs = () => 1

describe('what is told of alerts', () => {
  it('is kept in order, each as it was told', async () => {
    await using store = await openFlakyStore()
    const recorder = recordAlerts({ store, logger: collectingLogger() })
    const alert = alertAt(1_000)
    const told = tellings(alert)
    for (const one of [told.raised, told.repeated(2_000), told.cleared(3_000)]) {
      recorder.hear(one)
      const { tries } = store.state
      await eventually(async () => (await kept(store.real)).length === tries)
    }
    await recorder.close()
    expect(await kept(store.real)).toEqual([
      { type: 'AlertRaised', at: 1_000, alert: { ...alert, isActive: true } },
      { type: 'AlertRepeated', at: 2_000, alert: { ...alert, toldAt: 2_000, isActive: true } },
      { type: 'AlertCleared', at: 3_000, alert: { ...alert, toldAt: 3_000, clearedAt: 3_000, isActive: false } },
    ])
  })

  it('waits for a store that is down, of each alert the newest, and is kept when it is up; the log says so once', async () => {
    await using store = await openFlakyStore()
    const logger = collectingLogger()
    const recorder = recordAlerts({ store, logger, pauseMs })
    store.state.isDown = true
    const one = tellings(alertAt(1_000))
    const other = tellings(alertAt(1_500, { kind: 'DISK_LOW' }))
    recorder.hear(one.raised)
    recorder.hear(other.raised)
    await eventually(() => store.state.tries > 3)
    recorder.hear(one.cleared(2_000))
    recorder.hear(other.repeated(3_000))
    store.state.isDown = false
    await eventually(async () => (await kept(store.real)).length === 2)
    await recorder.close()
    expect(await kept(store.real)).toMatchObject([
      { type: 'AlertCleared', alert: { kind: 'HEAP_HIGH', clearedAt: 2_000 } },
      // Nobody has heard yet that it was raised.
      { type: 'AlertRaised', alert: { kind: 'DISK_LOW', toldAt: 3_000 } },
    ])
    expect(logger.lines).toEqual([
      { level: 'warn', fields: { error: 'Error: The disk is full.' }, message: expect.any(String) },
    ])
  })

  it('does not go back to what it was, when a write fails that was under way meanwhile', async () => {
    await using store = await openFlakyStore()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.state.gate = promise
    store.state.isDown = true
    const recorder = recordAlerts({ store, logger: collectingLogger(), pauseMs })
    const told = tellings(alertAt(1_000))
    recorder.hear(told.raised)
    recorder.hear(told.cleared(2_000))
    resolve()
    await eventually(() => store.state.tries > 2)
    store.state.isDown = false
    await eventually(async () => (await kept(store.real)).length === 1)
    await recorder.close()
    expect(await types(store.real)).toEqual(['AlertCleared'])
  })

  it('waits in a hundred alerts at most, the newest', async () => {
    await using store = await openFlakyStore()
    store.state.isDown = true
    const recorder = recordAlerts({ store, logger: collectingLogger(), pauseMs })
    const alerts = Array.from({ length: 150 }, (_, index) => tellings(alertAt(index)))
    for (const { raised } of alerts) recorder.hear(raised)
    await eventually(() => store.state.tries > 2)
    store.state.isDown = false
    await eventually(async () => (await kept(store.real)).length > 0)
    await recorder.close()
    const times = (await kept(store.real)).map(({ alert }) => (alert as { raisedAt: number }).raisedAt)
    expect([times.length, times[0], times.at(-1)]).toEqual([100, 50, 149])
  })

  it('is tried once more at the end, without a pause, and then given up', async () => {
    await using store = await openFlakyStore()
    store.state.isDown = true
    const recorder = recordAlerts({ store, logger: collectingLogger(), pauseMs: () => 60_000 })
    recorder.hear(tellings(alertAt(1)).raised)
    await eventually(() => store.state.tries === 1)
    store.state.isDown = false
    await recorder.close()
    expect(await types(store.real)).toEqual(['AlertRaised'])

    store.state.isDown = true
    const failing = recordAlerts({ store, logger: collectingLogger(), pauseMs: () => 60_000 })
    failing.hear(tellings(alertAt(2)).raised)
    await failing.close()
    expect(await types(store.real)).toEqual(['AlertRaised'])
  })

  it('does not hold up the end for longer than two seconds where the store does not answer', async () => {
    const write = () => new Promise<never>(() => {})
    const recorder = recordAlerts({ store: { write }, logger: collectingLogger() })
    recorder.hear(tellings(alertAt(1)).raised)
    vi.useFakeTimers()
    try {
      let isClosed = false
      const closing = recorder.close().then(() => (isClosed = true))
      await vi.advanceTimersByTimeAsync(1_999)
      expect(isClosed).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      await closing
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
