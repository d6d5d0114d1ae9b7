import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/ports/store.ts'
import { createQueueDepth } from '../../../src/services/jobs/queue-depth.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { submit } from './mill-steps.ts'

/** The store, its reads counted, which can be made to fail and to wait. */
function watched(store: Pick<Store, 'read'>) {
  const watch = { reads: 0, isBroken: false, gate: Promise.resolve() }
  const read: Store['read'] = async (work) => {
    watch.reads += 1
    await watch.gate
    if (watch.isBroken) throw new Error('The disk is gone.')
    return store.read(work)
  }
  return Object.assign(watch, { read })
}

describe('the depth of the queue', () => {
  it('is how many jobs wait and for how long the first of them has been due', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const depth = createQueueDepth({ store: mill.store, clock })
    expect(await depth.read()).toEqual({ queued: 0, oldestDueMs: 0 })
    await submit(mill)
    await submit(mill, {}, { delayMs: 500_000 })
    clock.advance(2_000)
    await submit(mill)
    clock.advance(3_000)
    expect(await depth.read()).toEqual({ queued: 2, oldestDueMs: 5_000 })
  })

  it('is asked of the store at most once a second, and grows older in between', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    await submit(mill)
    const store = watched(mill.store)
    const depth = createQueueDepth({ store, clock })
    await Promise.all([depth.read(), depth.read(), depth.read()])
    clock.advance(999)
    expect(await depth.read()).toEqual({ queued: 1, oldestDueMs: 999 })
    expect(store.reads).toBe(1)
    clock.advance(1)
    expect(await depth.read()).toEqual({ queued: 1, oldestDueMs: 1_000 })
    expect(store.reads).toBe(2)
    clock.advance(-5_000)
    expect(await depth.read()).toEqual({ queued: 1, oldestDueMs: 0 })
    expect(store.reads).toBe(3)
  })

  it('has no second question under way while the store takes its time', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const store = watched(mill.store)
    const { promise, resolve } = Promise.withResolvers<void>()
    store.gate = promise
    const depth = createQueueDepth({ store, clock })
    const first = depth.read()
    clock.advance(5_000)
    const second = depth.read()
    resolve()
    const none = { queued: 0, oldestDueMs: 0 }
    expect(await Promise.all([first, second])).toEqual([none, none])
    expect(store.reads).toBe(1)
  })

  it('rejects with what the store rejects with, and asks again', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const store = watched(mill.store)
    const depth = createQueueDepth({ store, clock })
    store.isBroken = true
    await expect(depth.read()).rejects.toThrow('The disk is gone.')
    store.isBroken = false
    expect(await depth.read()).toEqual({ queued: 0, oldestDueMs: 0 })
  })
})
