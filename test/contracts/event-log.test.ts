import { describe, expect, it } from 'vitest'
import { formatCursor, parseCursor } from '../../src/core/cursor.ts'
import type { EventLog, LoggedEvent } from '../../src/ports/event-log.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore } from '../support/open-test-store.ts'

const stores: readonly { readonly name: string; open(): Promise<Store> }[] = [
  { name: 'in SQLite', open: openTestStore },
]

/** Appends bodies `{ n }` in one transaction. */
function append(store: Store, topic: string, ns: readonly number[]): Promise<readonly LoggedEvent[]> {
  return store.write(async ({ log }) => {
    const events: LoggedEvent[] = []
    for (const n of ns) events.push(await log.append(topic, { n }))
    return events
  })
}

function read<T>(store: Store, work: (log: EventLog) => Promise<T>): Promise<T> {
  return store.read(({ log }) => work(log))
}

const offsets = (events: readonly LoggedEvent[]) => events.map(({ offset }) => offset)

describe.each(stores)('the event log $name', ({ open }) => {
  it('numbers the events of each topic 1, 2, 3 … and gives them back as they were', async () => {
    await using store = await open()
    const body = { text: '🌊 \u0000 \u2028 "quoted" \\', deep: { list: [1, null, true, 0.1] } }
    await append(store, 'a', [1, 2])
    await append(store, 'b', [1])
    await store.write(({ log }) => log.append('a', body))
    const events = await read(store, (log) => log.read('a', 0, 10))
    expect(offsets(events)).toEqual([1, 2, 3])
    expect(events[2]).toMatchObject({ topic: 'a', body, last: false })
    expect(offsets(await read(store, (log) => log.read('b', 0, 10)))).toEqual([1])
  })

  it('stays dense when many append at once and some of their transactions fail', async () => {
    await using store = await open()
    const heard: LoggedEvent[] = []
    store.onCommitted((events) => heard.push(...events))
    const attempts = Array.from({ length: 200 }, (_, n) =>
      store.write(async ({ log }) => {
        await log.append('t', { n })
        if (n % 3 === 0) throw new Error('undone')
        await log.append('t', { n, second: true })
      }),
    )
    const outcomes = await Promise.allSettled(attempts)
    const kept = outcomes.filter(({ status }) => status === 'fulfilled').length
    const events = await read(store, (log) => log.read('t', 0, 1_000))
    expect(offsets(events)).toEqual(Array.from({ length: 2 * kept }, (_, index) => index + 1))
    expect(events.every(({ body }) => Number(body['n']) % 3 !== 0)).toBe(true)
    expect(heard).toEqual(events)
  })

  it('gives each topic an epoch of its own that fits into a cursor', async () => {
    await using store = await open()
    const [a] = await append(store, 'a', [1])
    const [b] = await append(store, 'b', [1])
    expect(a?.epoch).not.toBe(b?.epoch)
    for (const event of [a, b]) {
      const position = { epoch: event?.epoch ?? '', offset: Number.MAX_SAFE_INTEGER }
      expect(formatCursor(position).length).toBeLessThanOrEqual(40)
      expect(parseCursor(formatCursor(position))).toEqual(position)
    }
  })

  it('tells the ends of a topic', async () => {
    await using store = await open()
    const [event] = await append(store, 't', [1, 2])
    expect(await read(store, (log) => log.head('t'))).toEqual({
      epoch: event?.epoch,
      offset: 2,
      oldest: 1,
      closed: false,
    })
  })

  it('has one blank epoch for all topics that were never written, and gives each its own when it is', async () => {
    await using store = await open()
    const [epoch = ''] = await read(store, (log) => log.blanks())
    for (const topic of ['none', 'other', '']) {
      expect(await read(store, (log) => log.head(topic))).toEqual({ epoch, offset: 0, oldest: 1, closed: false })
    }
    expect(parseCursor(formatCursor({ epoch, offset: 0 }))).toEqual({ epoch, offset: 0 })
    await append(store, 'none', [1])
    const heads = await read(store, (log) => log.heads(['none', 'other']))
    expect(heads.get('none')?.epoch).not.toBe(epoch)
    expect(heads.get('other')?.epoch).toBe(epoch)
    await expect(append(store, '', [1])).rejects.toThrow(TypeError)
    await using another = await open()
    expect(await read(another, async (log) => (await log.blanks())[0])).not.toBe(epoch)
  })

  it('tells the heads of more topics than one statement can name', async () => {
    await using store = await open()
    await append(store, 'first', [1])
    await append(store, 'last', [1, 2])
    const nobody = Array.from({ length: 40_000 }, (_, index) => `nobody:${index}`)
    const topics = ['first', ...nobody, 'last']
    const heads = await read(store, (log) => log.heads(topics))
    expect([...heads.keys()]).toEqual(topics)
    expect([...heads].filter(([, { offset }]) => offset > 0).map(([name, { offset }]) => [name, offset])).toEqual([
      ['first', 1],
      ['last', 2],
    ])
    expect(heads.get('nobody:39999')?.epoch).toBe(await read(store, async (log) => (await log.blanks())[0]))
    expect((await read(store, (log) => log.heads([]))).size).toBe(0)
  })

  it('reads pages: so many events, or so many bytes, but one event in any case', async () => {
    await using store = await open()
    await store.write(async ({ log }) => {
      for (const length of [10, 10, 500, 10]) await log.append('t', { text: '🌊'.repeat(length / 10) })
    })
    const page = (after: number, limit: number, maxBytes?: number) =>
      read(store, async (log) => offsets(await log.read('t', after, limit, maxBytes)))
    expect(await page(0, 2)).toEqual([1, 2])
    expect(await page(2, 100)).toEqual([3, 4])
    // {"text":"🌊"} has 15 bytes.
    expect(await page(0, 100, 30)).toEqual([1, 2])
    expect(await page(0, 100, 29)).toEqual([1])
    expect(await page(0, 100, 1)).toEqual([1])
    expect(await page(2, 100, 1)).toEqual([3])
    expect(await page(4, 100, 1)).toEqual([])
  })

  it('reads the newest events of a type, within bounds', async () => {
    await using store = await open()
    await store.write(async ({ log }) => {
      await log.append('other', { type: 'part', n: 0 })
      for (const n of [1, 2, 3, 4]) {
        await log.append('t', { type: 'part', n })
        await log.append('t', { type: 'part_', n, inner: { type: 'part' } })
        await log.append('t', { type: 'p%', n, text: '{"type":"part"' })
        await log.append('t', { n, type: 'part' })
      }
      await log.append('t', { type: 'part' }, { last: true })
    })
    // {"type":"part","n":1} has 21 bytes, the newest 15.
    const last = (type: string, { limit = 100, maxBytes = 10_000, among = 10_000 }, topic = 't') =>
      read(store, async (log) => offsets(await log.readLast(topic, type, { limit, maxBytes, among })))
    expect(await last('part', {})).toEqual([1, 5, 9, 13, 17])
    expect(await last('part', { limit: 2 })).toEqual([13, 17])
    expect(await last('part', { maxBytes: 57 })).toEqual([9, 13, 17])
    expect(await last('part', { maxBytes: 56 })).toEqual([13, 17])
    expect(await last('part', { maxBytes: 1 })).toEqual([17])
    expect(await last('part', { among: 5 })).toEqual([13, 17])
    expect(await last('part', { among: 4 })).toEqual([17])
    expect(await last('p%', { limit: 1 })).toEqual([15])
    expect(await last('none', {})).toEqual([])
    expect(await last('part', {}, 'nowhere')).toEqual([])
    const [event] = await read(store, (log) => log.readLast('t', 'part', { limit: 1, maxBytes: 1, among: 1 }))
    expect(event).toEqual({ ...(await read(store, (log) => log.read('t', 16, 1)))[0] })
    expect(event).toMatchObject({ topic: 't', body: { type: 'part' }, last: true })
    await store.write(({ log }) => log.trim('t', 12))
    expect(await last('part', {})).toEqual([13, 17])
  })

  it('is closed by its last event', async () => {
    await using store = await open()
    await append(store, 't', [1])
    await store.write(({ log }) => log.append('t', { n: 2 }, { last: true }))
    expect(await read(store, (log) => log.head('t'))).toMatchObject({ offset: 2, closed: true })
    expect((await read(store, (log) => log.read('t', 0, 10))).map(({ last }) => last)).toEqual([false, true])
    await expect(append(store, 't', [3])).rejects.toThrow(TypeError)
    expect(await read(store, (log) => log.head('t'))).toMatchObject({ offset: 2, closed: true })
  })

  it('can be closed by its first event', async () => {
    await using store = await open()
    await store.write(({ log }) => log.append('t', {}, { last: true }))
    expect(await read(store, (log) => log.head('t'))).toMatchObject({ offset: 1, closed: true })
  })

  it('forgets what is trimmed, and counts on', async () => {
    await using store = await open()
    await append(store, 't', [1, 2, 3, 4])
    await store.write(({ log }) => log.trim('t', 2))
    expect(await read(store, (log) => log.head('t'))).toMatchObject({ offset: 4, oldest: 3 })
    expect(offsets(await read(store, (log) => log.read('t', 0, 10)))).toEqual([3, 4])
    // A byte limit holds from the first event that is kept.
    expect(offsets(await read(store, (log) => log.read('t', 0, 10, 1)))).toEqual([3])
    await store.write(({ log }) => log.trim('t', 1))
    expect(await read(store, (log) => log.head('t'))).toMatchObject({ oldest: 3 })
  })

  it('trimmed beyond its head forgets all, and not what comes next', async () => {
    await using store = await open()
    await append(store, 't', [1, 2])
    await store.write(({ log }) => log.trim('t', 100))
    expect(await read(store, (log) => log.head('t'))).toMatchObject({ offset: 2, oldest: 3 })
    await append(store, 't', [3])
    expect(offsets(await read(store, (log) => log.read('t', 2, 10)))).toEqual([3])
    expect(await read(store, (log) => log.head('t'))).toMatchObject({ offset: 3, oldest: 3 })
  })

  it('makes an empty topic that has an epoch, and leaves one that is there', async () => {
    await using store = await open()
    await store.write(({ log }) => log.ensure('t', 1))
    const head = await read(store, (log) => log.head('t'))
    expect(head).toMatchObject({ offset: 0, oldest: 1, closed: false })
    expect(head.epoch).not.toBe(await read(store, async (log) => (await log.blanks())[0]))
    await store.write(({ log }) => log.ensure('t', 2))
    expect(await read(store, (log) => log.head('t'))).toEqual(head)
    const [event] = await append(store, 't', [1])
    expect(event).toMatchObject({ epoch: head.epoch, offset: 1 })
  })

  it('gives every topic and the blank another epoch, and keeps the events', async () => {
    await using store = await open()
    await append(store, 'a', [1])
    await append(store, 'b', [1])
    const names = ['a', 'b', 'none']
    const before = await read(store, (log) => log.heads(names))
    await store.write(({ log }) => log.renewEpochs())
    const after = await read(store, (log) => log.heads(names))
    const epochs = [...before.values(), ...after.values()].map(({ epoch }) => epoch)
    expect(new Set(epochs).size).toBe(6)
    for (const epoch of epochs) expect(parseCursor(formatCursor({ epoch, offset: 1 }))?.epoch).toBe(epoch)
    const [event] = await read(store, (log) => log.read('a', 0, 10))
    expect(event).toMatchObject({ offset: 1, epoch: after.get('a')?.epoch })
  })

  it('forgets a removed topic as a whole; a new one of the name has another epoch', async () => {
    await using store = await open()
    const [old] = await append(store, 't', [1, 2])
    await store.write(({ log }) => log.remove('t'))
    expect(await read(store, (log) => log.head('t'))).toMatchObject({
      epoch: await read(store, async (log) => (await log.blanks())[0]),
    })
    expect(await read(store, (log) => log.read('t', 0, 10))).toEqual([])
    const [event] = await append(store, 't', [3])
    expect(event?.offset).toBe(1)
    expect(event?.epoch).not.toBe(old?.epoch)
  })

  it('cannot be written in a read', async () => {
    await using store = await open()
    await append(store, 't', [1])
    await expect(read(store, (log) => log.append('t', { n: 2 }))).rejects.toThrow('readonly')
    expect(await read(store, (log) => log.head('t'))).toMatchObject({ offset: 1 })
  })
})
