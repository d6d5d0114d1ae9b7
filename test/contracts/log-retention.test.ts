import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { blankMs, type Keep, type LoggedEvent, type LogHead } from '../../src/ports/event-log.ts'
import type { Store } from '../../src/ports/store.ts'
import { readLogTail } from '../../src/services/streams/log-page.ts'
import { openTestStore, type TestStore } from '../support/open-test-store.ts'

interface Opened {
  open(): Promise<TestStore>
  /** Another store over the same database, as another process has it. */
  again(store: TestStore): Promise<Store>
}

const stores: readonly (Opened & { readonly name: string })[] = [
  { name: 'in SQLite', open: openTestStore, again: ({ path }) => sqliteStore({ path }) },
]

const plenty = 1_000_000

/** Appends an event for each time until which one is kept. */
function append(store: Store, topic: string, untils: readonly (number | null)[], events = plenty): Promise<void> {
  return store.write(async ({ log }) => {
    for (const until of untils) await log.append(topic, { until }, until === null ? {} : { keep: { until, events } })
  })
}

const appendIfThere = (store: Store, topic: string, keep: Keep): Promise<LoggedEvent | null> =>
  store.write(({ log }) => log.appendIfThere(topic, {}, keep))
const ensure = (store: Store, topic: string, until: number) => store.write(({ log }) => log.ensure(topic, until))
const tidy = (store: Store, now: number, limit = 10) => store.write(({ log }) => log.tidy(now, limit))
const headOf = (store: Store, topic: string): Promise<LogHead> => store.read(({ log }) => log.head(topic))
const isThere = (store: Store, topic: string): Promise<boolean> =>
  store.read(async ({ log }) => (await log.head(topic)).epoch !== (await log.blanks())[0])

async function offsets(store: Store, topic: string): Promise<readonly number[]> {
  return (await store.read(({ log }) => log.read(topic, 0, 100_000))).map(({ offset }) => offset)
}

const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe.each(stores)('the event log $name forgets', ({ open, again }) => {
  it('the blank epoch after two weeks, and honours it for two more', async () => {
    await using store = await open()
    const blanks = () => store.read(({ log }) => log.blanks())
    const [first = ''] = await blanks()
    const start = Date.now()
    expect(await tidy(store, start + blankMs - 60_000)).toBe(0)
    expect(await blanks()).toEqual([first])
    expect(await tidy(store, start + blankMs + 60_000)).toBe(1)
    expect(await tidy(store, start + blankMs + 60_000)).toBe(0)
    const [second = ''] = await blanks()
    expect(await blanks()).toEqual([second, first])
    expect((await headOf(store, 'none')).epoch).toBe(second)
    await using other = await again(store)
    const later = start + 2 * blankMs + 120_000
    // Whoever comes second finds it changed.
    expect((await Promise.all([tidy(store, later), tidy(other, later)])).toSorted((a, b) => a - b)).toEqual([0, 1])
    const [third = ''] = await blanks()
    expect(await blanks()).toEqual([third, second])
    expect(new Set([first, second, third]).size).toBe(3)
    await store.write(({ log }) => log.renewEpochs())
    expect(await blanks()).not.toContain(second)
  })

  it('the blank epoch at once that was due long ago, before a topic goes that was written since', async () => {
    await using store = await open()
    const [epoch = ''] = await store.read(({ log }) => log.blanks())
    const start = Date.now()
    const until = start + blankMs
    await ensure(store, 'channel:x', until + 2 * blankMs)
    await append(store, 'channel:x', [until])
    // Nothing was tidied meanwhile, and one portion does not do all of it.
    const now = start + 5 * blankMs
    expect(await tidy(store, now, 1)).toBe(1)
    expect(await store.read(({ log }) => log.blanks())).not.toContain(epoch)
    while ((await tidy(store, now, 1)) > 0);
    expect(await isThere(store, 'channel:x')).toBe(false)
    const tail = store.read(({ log }) => readLogTail(log, 'channel:x', { epoch, offset: 0 }))
    expect(await tail).toMatchObject({ after: null })
  })

  it('nothing that somebody in an old blank epoch could miss', async () => {
    await using store = await open()
    const [epoch = ''] = await store.read(({ log }) => log.blanks())
    const tail = () => store.read(({ log }) => readLogTail(log, 't', { epoch, offset: 0 }))
    const start = Date.now()
    await tidy(store, start + blankMs + 60_000)
    expect(await tail()).toMatchObject({ after: 0, events: [] })
    await append(store, 't', [null, null])
    expect(await tail()).toMatchObject({ after: 0, events: [{ offset: 1 }, { offset: 2 }] })
    await tidy(store, start + 2 * blankMs + 120_000)
    expect(await tail()).toMatchObject({ after: null, events: [] })
  })

  it('events whose time is over, from the oldest on, and counts on', async () => {
    await using store = await open()
    await append(store, 't', [10, 20, 30])
    expect(await tidy(store, 9)).toBe(0)
    expect(await offsets(store, 't')).toEqual([1, 2, 3])
    expect(await tidy(store, 20)).toBe(1)
    expect(await offsets(store, 't')).toEqual([3])
    expect(await headOf(store, 't')).toMatchObject({ offset: 3, oldest: 3 })
    expect(await tidy(store, 29)).toBe(0)
    expect(await tidy(store, 30)).toBe(1)
    expect(await headOf(store, 't')).toMatchObject({ offset: 3, oldest: 4 })
    expect(await tidy(store, plenty)).toBe(0)
    await append(store, 't', [40])
    expect(await headOf(store, 't')).toMatchObject({ offset: 4, oldest: 4 })
    expect(await tidy(store, 40)).toBe(1)
    expect(await headOf(store, 't')).toMatchObject({ offset: 4, oldest: 5 })
  })

  it('nothing that is newer than what must be kept: no hole is made', async () => {
    await using store = await open()
    await append(store, 'later', [10, 50, 20])
    await append(store, 'forever', [10, null, 20])
    await append(store, 'plain', [null, null])
    expect(await tidy(store, 40)).toBe(2)
    expect(await offsets(store, 'later')).toEqual([2, 3])
    expect(await offsets(store, 'forever')).toEqual([2, 3])
    expect(await tidy(store, plenty)).toBe(1)
    expect(await offsets(store, 'later')).toEqual([])
    expect(await offsets(store, 'forever')).toEqual([2, 3])
    expect(await offsets(store, 'plain')).toEqual([1, 2])
    await append(store, 'forever', [30])
    await tidy(store, plenty)
    expect(await offsets(store, 'forever')).toEqual([2, 3, 4])
  })

  it('in portions: so many topics, and so many events, and says of how many until nothing is left', async () => {
    await using store = await open()
    const topics = ['a', 'b', 'c', 'd', 'e']
    for (const topic of topics) await append(store, topic, [1, 1, 9])
    expect(await tidy(store, 1, 2)).toBe(2)
    const left = await Promise.all(topics.map((topic) => offsets(store, topic)))
    expect(left.filter(({ length }) => length === 3)).toHaveLength(3)
    expect([await tidy(store, 1, 2), await tidy(store, 1, 2), await tidy(store, 1, 2)]).toEqual([2, 1, 0])
    for (const topic of topics) expect(await offsets(store, topic)).toEqual([3])

    await append(
      store,
      'long',
      Array.from({ length: 2500 }, () => 2),
    )
    await append(store, 'short', [2])
    const steps: LogHead[] = []
    for (let turn = 0; (await tidy(store, 2)) > 0 && turn < 10; turn += 1) steps.push(await headOf(store, 'long'))
    expect(steps.map(({ oldest }) => oldest)).toEqual([501, 1001, 1501, 2001, 2501, 2501])
    expect(await offsets(store, 'short')).toEqual([])
  })

  it('what is over the number, at most 64 events late, and nothing that is kept for ever', async () => {
    await using store = await open()
    for (const [index, topic] of ['one', 'many'].entries()) {
      const chunk = index === 0 ? 1 : 50
      for (let appended = 0; appended < 300; appended += chunk) {
        await append(
          store,
          topic,
          Array.from({ length: chunk }, () => plenty),
          100,
        )
        const { offset, oldest } = await headOf(store, topic)
        expect(offset - oldest + 1).toBeGreaterThanOrEqual(Math.min(100, offset))
        expect(offset - oldest + 1).toBeLessThan(164)
        expect(await offsets(store, topic)).toEqual(upTo(oldest, offset))
      }
      expect(await headOf(store, topic)).toMatchObject({ offset: 300, oldest: 193 })
    }
    await append(store, 'mixed', [plenty, null, ...Array.from({ length: 200 }, () => plenty)], 10)
    expect(await offsets(store, 'mixed')).toEqual(upTo(2, 202))
  })

  it('a great many that are over a new number in several steps', async () => {
    await using store = await open()
    await append(
      store,
      't',
      Array.from({ length: 1200 }, () => plenty),
    )
    await append(store, 't', [plenty], 10)
    expect(await headOf(store, 't')).toMatchObject({ offset: 1201, oldest: 501 })
    await append(store, 't', [plenty, plenty], 10)
    expect(await headOf(store, 't')).toMatchObject({ offset: 1203, oldest: 1194 })
    expect(await tidy(store, plenty - 1)).toBe(0)
    expect(await tidy(store, plenty)).toBe(1)
  })

  it('a topic on demand when its time is over, in portions where it is long', async () => {
    await using store = await open()
    await ensure(store, 't', 10)
    const { epoch } = await headOf(store, 't')
    const keep = { until: plenty, events: plenty }
    expect(await appendIfThere(store, 't', keep)).toMatchObject({ offset: 1, epoch, last: false })
    expect(await tidy(store, 9)).toBe(0)
    expect(await tidy(store, 10)).toBe(1)
    expect(await isThere(store, 't')).toBe(false)
    expect(await offsets(store, 't')).toEqual([])
    expect(await appendIfThere(store, 't', keep)).toBeNull()
    expect(await tidy(store, plenty)).toBe(0)

    await ensure(store, 't', 20)
    expect((await headOf(store, 't')).epoch).not.toBe(epoch)
    await append(
      store,
      't',
      Array.from({ length: 1500 }, () => plenty),
    )
    expect(await tidy(store, 20)).toBe(1)
    expect(await headOf(store, 't')).toMatchObject({ offset: 1500, oldest: 501 })
    expect([await tidy(store, 20), await tidy(store, 20), await tidy(store, 20)]).toEqual([1, 1, 0])
    expect(await isThere(store, 't')).toBe(false)
  })

  it('none that was wanted again, for the later of the times, and none that was written without', async () => {
    await using store = await open()
    await append(store, 'written', [null])
    for (const until of [20, 10, 30, 5]) {
      await ensure(store, 'wanted', until)
      await ensure(store, 'written', until)
    }
    expect(await tidy(store, 29)).toBe(0)
    expect(await isThere(store, 'wanted')).toBe(true)
    expect(await tidy(store, 30)).toBe(1)
    expect(await isThere(store, 'wanted')).toBe(false)
    expect(await isThere(store, 'written')).toBe(true)
  })

  it('once, where two do it at the same time while others append', async () => {
    await using store = await open()
    await using other = await again(store)
    const topics = ['a', 'b', 'c']
    for (const topic of topics) await append(store, topic, [...upTo(1, 800), 9000, 9000])
    await ensure(store, 'd', 5)
    const done = await Promise.all(
      [store, other].flatMap((each) => [
        ...Array.from({ length: 20 }, () => tidy(each, 800, 2)),
        ...topics.map((topic) => append(each, topic, [9000])),
      ]),
    )
    expect(done.filter((count) => typeof count === 'number' && count > 0).length).toBeLessThan(10)
    expect(await tidy(store, 800)).toBe(0)
    for (const topic of topics) {
      expect(await headOf(store, topic)).toMatchObject({ offset: 804, oldest: 801 })
      expect(await offsets(other, topic)).toEqual([801, 802, 803, 804])
    }
    expect(await isThere(other, 'd')).toBe(false)
    expect(await tidy(other, 9000)).toBe(3)
  })
})

describe.each(stores)('the event log $name appends where a topic is there', ({ open }) => {
  const keep = { until: 10, events: 5 }

  it('and tells nobody of what it does not append', async () => {
    await using store = await open()
    const heard: LoggedEvent[] = []
    store.onCommitted((events) => heard.push(...events))
    expect(await appendIfThere(store, 't', keep)).toBeNull()
    expect(await isThere(store, 't')).toBe(false)
    await ensure(store, 't', 100)
    const event = await appendIfThere(store, 't', keep)
    expect(heard).toEqual([event])
    expect(await store.read(({ log }) => log.read('t', 0, 10))).toEqual([event])
  })

  it('and keeps there as many and as long as it is told', async () => {
    await using store = await open()
    await ensure(store, 't', 100)
    for (let turn = 0; turn < 100; turn += 1) await appendIfThere(store, 't', keep)
    expect(await headOf(store, 't')).toMatchObject({ offset: 100, oldest: 65 })
    expect(await tidy(store, 10)).toBe(1)
    expect(await headOf(store, 't')).toMatchObject({ offset: 100, oldest: 101 })
    expect(await isThere(store, 't')).toBe(true)
  })

  it('and forgets each when its own time is over', async () => {
    await using store = await open()
    await ensure(store, 't', 100)
    for (const until of [10, 20]) await appendIfThere(store, 't', { until, events: 5 })
    expect(await tidy(store, 10)).toBe(1)
    expect(await offsets(store, 't')).toEqual([2])
  })

  it('and not where it is closed', async () => {
    await using store = await open()
    await store.write(({ log }) => log.append('t', {}, { last: true }))
    expect(await appendIfThere(store, 't', keep)).toBeNull()
  })
})
