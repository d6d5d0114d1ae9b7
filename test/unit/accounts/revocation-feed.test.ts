import { describe, expect, it } from 'vitest'
import { localBus } from '../../../src/adapters/local/local-bus.ts'
import { sqliteStore } from '../../../src/adapters/sql/sqlite-store.ts'
import type { Bus } from '../../../src/ports/bus.ts'
import type { Records, Store } from '../../../src/ports/store.ts'
import { openRevocationFeed } from '../../../src/services/accounts/authentication/revocation-feed.ts'
import { revocationsTopic, revoke } from '../../../src/services/accounts/sessions/revocations.ts'
import { publishCommitted } from '../../../src/services/streams/live-events.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { createScriptedBus } from '../../support/scripted-bus.ts'

const end = (records: Records, id: string) => revoke(records, { kind: 'session', id, ends: true }, Date.now())

/** A feed with all that it told. */
function listen(store: Pick<Store, 'read' | 'onCommitted'>, bus: Bus = localBus(collectingLogger())) {
  const heard: string[] = []
  let missed = 0
  let ticks = 0
  const logger = collectingLogger()
  const listener = {
    revoked: ({ id }: { readonly id: string }) => void heard.push(id),
    missed: () => void (missed += 1),
    tick: () => void (ticks += 1),
  }
  const feed = openRevocationFeed({ store, bus, logger, listener })
  return {
    ...feed,
    heard,
    logger,
    get missed() {
      return missed
    },
    get ticks() {
      return ticks
    },
  }
}

/** A store whose log of events cannot be read while `broken`. */
function breakable(store: Store) {
  const state = { broken: false, reads: 0 }
  const log = (records: Records) => ({
    ...records.log,
    head: async (topic: string) => {
      state.reads += 1
      if (state.broken) throw new Error('no log')
      return records.log.head(topic)
    },
  })
  const read: Store['read'] = (work) => store.read((records) => work({ ...records, log: log(records) }))
  return { ...store, read, state }
}

describe('the feed of revocations', () => {
  it('hears those of its own process before the commit is told to anybody', async () => {
    await using store = await openTestStore()
    await using feed = listen(store)
    await eventually(() => feed.isCurrent())
    await store.write((records) => end(records, 'ses_1'))
    expect(feed.heard).toEqual(['ses_1'])
    await expect(
      store.write(async (records) => {
        await end(records, 'ses_2')
        throw new Error('undone')
      }),
    ).rejects.toThrow('undone')
    expect(feed.heard).toEqual(['ses_1'])
  })

  it('hears those of another process within a second by the log alone, each once', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    await using feed = listen(other)
    await eventually(() => feed.isCurrent())
    for (const id of ['a', 'b', 'c']) await store.write((records) => end(records, id))
    await eventually(() => feed.heard.length >= 3, 1000)
    await store.write((records) => end(records, 'd'))
    await eventually(() => feed.heard.includes('d'), 1000)
    expect(feed.heard).toEqual(['a', 'b', 'c', 'd'])
  })

  it('hears those of another process at once where the bus tells of them', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    const bus = localBus(collectingLogger())
    store.onCommitted(publishCommitted(bus))
    await using feed = listen(other, bus)
    await eventually(() => feed.isCurrent())
    const { ticks } = feed
    await store.write((records) => end(records, 'ses_1'))
    await eventually(() => feed.heard.includes('ses_1'))
    expect(feed.ticks - ticks).toBeLessThanOrEqual(1)
  })

  it('finds in the log what the bus lost, doubled or turned round', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    const bus = createScriptedBus()
    await using feed = listen(other, bus)
    await eventually(() => feed.isCurrent() && bus.listeners(revocationsTopic) === 1)
    for (const id of ['a', 'b', 'c', 'd']) await store.write((records) => end(records, id))
    const events = await store.read(({ log }) => log.read(revocationsTopic, 0, 10))
    const [a, , c] = events
    for (const event of [c, c, a]) if (event !== undefined) bus.deliver(event)
    for (const message of [null, 'x', {}, { epoch: 1 }]) bus.deliverMessage(revocationsTopic, message)
    expect(feed.heard).toContain('c')
    await eventually(() => feed.heard.includes('d'), 1000)
    expect([...new Set(feed.heard)].toSorted()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('does not tell of what was there before it', async () => {
    await using store = await openTestStore()
    await store.write((records) => end(records, 'long ago'))
    await using feed = listen(store)
    await eventually(() => feed.isCurrent())
    await store.write((records) => end(records, 'now'))
    expect(feed.heard).toEqual(['now'])
  })

  it('is not current until the log was read, nor a second after it could not be, and says so once', async () => {
    await using inner = await openTestStore()
    await using elsewhere = await sqliteStore({ path: inner.path })
    const store = breakable(inner)
    store.state.broken = true
    await using feed = listen(store)
    await eventually(() => store.state.reads > 1)
    expect(feed.isCurrent()).toBe(false)
    store.state.broken = false
    await eventually(() => feed.isCurrent())

    store.state.broken = true
    await elsewhere.write((records) => end(records, 'meanwhile'))
    await eventually(() => !feed.isCurrent())
    const { reads } = store.state
    await eventually(() => store.state.reads > reads + 1)
    expect(feed.heard).toEqual([])
    expect(feed.logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(2)

    store.state.broken = false
    await eventually(() => feed.isCurrent())
    expect(feed.heard).toEqual(['meanwhile'])
  })

  it('goes on by the log where the bus cannot be had', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    const bus = createScriptedBus({ acknowledge: () => Promise.reject(new Error('no bus')) })
    await using feed = listen(other, bus)
    await eventually(() => feed.isCurrent())
    await store.write((records) => end(records, 'ses_1'))
    await eventually(() => feed.heard.includes('ses_1'), 1000)
  })

  it('misses nothing when the very first revocation gives the log its epoch', async () => {
    await using store = await openTestStore()
    await using elsewhere = await sqliteStore({ path: store.path })
    await using feed = listen(store)
    await eventually(() => feed.isCurrent())
    const { missed } = feed
    for (const id of ['first', 'second']) await elsewhere.write((records) => end(records, id))
    await eventually(() => feed.heard.length === 2)
    expect(feed.heard).toEqual(['first', 'second'])
    expect(feed.missed).toBe(missed)
  })

  it.each([['renewEpochs'], ['trim']] as const)(
    'says that it may have missed the very first after %s',
    async (change) => {
      await using inner = await openTestStore()
      await using elsewhere = await sqliteStore({ path: inner.path })
      const store = breakable(inner)
      await using feed = listen(store)
      await eventually(() => feed.isCurrent())
      const { missed } = feed
      store.state.broken = true
      await elsewhere.write(async (records) => {
        await end(records, 'first')
        if (change === 'renewEpochs') await records.log.renewEpochs()
        else await records.log.trim(revocationsTopic, 1)
      })
      store.state.broken = false
      await eventually(() => feed.missed === missed + 1)
      expect(feed.heard).toEqual([])
    },
  )

  it.each(['trim', 'renewEpochs', 'remove'] as const)('says that it may have missed some after %s', async (change) => {
    await using inner = await openTestStore()
    await using elsewhere = await sqliteStore({ path: inner.path })
    const store = breakable(inner)
    await elsewhere.write((records) => end(records, 'first'))
    await using feed = listen(store)
    await eventually(() => feed.isCurrent())
    const { missed } = feed
    store.state.broken = true
    await elsewhere.write(async (records) => {
      for (const id of ['a', 'b']) await end(records, id)
      if (change === 'trim') await records.log.trim(revocationsTopic, 3)
      else if (change === 'remove') await records.log.remove(revocationsTopic)
      else await records.log.renewEpochs()
    })
    store.state.broken = false
    await eventually(() => feed.missed === missed + 1)
    await elsewhere.write((records) => end(records, 'next'))
    await eventually(() => feed.heard.includes('next'), 1000)
    expect(feed.heard).toEqual(['next'])
  })

  it('leaves nothing behind when it is closed', async () => {
    await using inner = await openTestStore()
    const store = breakable(inner)
    const bus = createScriptedBus()
    const feed = listen(store, bus)
    await eventually(() => feed.isCurrent() && bus.listeners(revocationsTopic) === 1)
    await feed[Symbol.asyncDispose]()
    expect(bus.listeners(revocationsTopic)).toBe(0)
    const { reads } = store.state
    const { ticks } = feed
    await store.write((records) => end(records, 'ses_1'))
    expect(feed.heard).toEqual([])
    // Another feed ticks meanwhile: this one would have, too.
    await using other = listen(inner)
    await eventually(() => other.ticks >= 2)
    expect([store.state.reads, feed.ticks]).toEqual([reads, ticks])
  })
})
