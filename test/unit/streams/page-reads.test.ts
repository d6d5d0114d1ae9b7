import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../src/core/errors.ts'
import type { LoggedEvent } from '../../../src/ports/event-log.ts'
import type { Records } from '../../../src/ports/store.ts'
import { createPageReads } from '../../../src/services/streams/page-reads.ts'
import { RecentEvents, recentBudgetBytes } from '../../../src/services/streams/recent-events.ts'
import { createMemoryLog } from '../../support/memory-log.ts'

const bounds = { events: 64, bytes: 32 * 1024 }

function event(offset: number, epoch = 'one', text = ''): LoggedEvent {
  return { topic: 't', epoch, offset, body: { text }, last: false }
}

function events(first: number, last: number, epoch = 'one'): readonly LoggedEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => event(first + index, epoch))
}

function holdAll(recent: RecentEvents, held: readonly LoggedEvent[]): void {
  for (const one of held) recent.hold(one)
}

function offsets(page: ReturnType<RecentEvents['page']>): readonly number[] | undefined {
  return page?.map(({ offset }) => offset)
}

describe('the events that were read lately', () => {
  const bytes = Buffer.byteLength(JSON.stringify({ text: '' }))

  it('are given up to the head and no further', () => {
    const recent = new RecentEvents({ left: 1000 })
    holdAll(recent, events(5, 9))
    expect(recent.page(5, { epoch: 'one', offset: 8 }, bounds)).toEqual(events(6, 8))
  })

  it('are none where one is missing before the head, but half a page is worth it', () => {
    const recent = new RecentEvents({ left: 10_000 })
    holdAll(recent, events(1, 40))
    const head = { epoch: 'one', offset: 100 }
    expect(offsets(recent.page(9, head, bounds))).toBeUndefined()
    expect(recent.page(8, head, bounds)).toHaveLength(32)
    expect(recent.page(0, head, { ...bounds, events: 10 })).toHaveLength(10)
  })

  it('fill a page up to its bytes, with one event in any case', () => {
    const recent = new RecentEvents({ left: 10_000 })
    holdAll(recent, events(1, 9))
    const head = { epoch: 'one', offset: 9 }
    expect(offsets(recent.page(0, head, { events: 64, bytes: 2 * bytes }))).toEqual([1, 2])
    expect(offsets(recent.page(0, head, { events: 64, bytes: 2 }))).toEqual([1])
  })

  it('of another epoch are none, and make room for those of the new one', () => {
    const budget = { left: 1000 }
    const recent = new RecentEvents(budget)
    holdAll(recent, events(1, 9))
    expect(recent.page(0, { epoch: 'two', offset: 9 }, bounds)).toBeNull()
    holdAll(recent, events(1, 2, 'two'))
    expect(recent.page(0, { epoch: 'one', offset: 9 }, bounds)).toBeNull()
    expect(recent.page(0, { epoch: 'two', offset: 2 }, bounds)).toEqual(events(1, 2, 'two'))
    expect(budget.left).toBe(1000 - 2 * bytes)
  })

  it('are at most 512, and of 256 KiB: those that were read first go', () => {
    const recent = new RecentEvents({ left: recentBudgetBytes })
    holdAll(recent, events(1, 600))
    expect(offsets(recent.page(87, { epoch: 'one', offset: 88 }, bounds))).toBeUndefined()
    expect(offsets(recent.page(88, { epoch: 'one', offset: 89 }, bounds))).toEqual([89])
    holdAll(
      recent,
      [601, 602, 603].map((offset) => event(offset, 'one', 'x'.repeat(100 * 1024))),
    )
    expect(offsets(recent.page(601, { epoch: 'one', offset: 602 }, bounds))).toEqual([602])
    expect(recent.page(600, { epoch: 'one', offset: 601 }, bounds)).toBeNull()
  })

  it('are held within what all topics have together, and give it back', () => {
    const budget = { left: 3 * bytes }
    const [one, other] = [new RecentEvents(budget), new RecentEvents(budget)]
    holdAll(one, events(1, 2))
    holdAll(other, events(1, 2))
    expect(budget.left).toBe(0)
    expect(other.page(0, { epoch: 'one', offset: 2 }, bounds)).toBeNull()
    one.close()
    holdAll(one, events(1, 2))
    expect(budget.left).toBe(2 * bytes)
    holdAll(other, events(1, 2))
    expect(offsets(other.page(0, { epoch: 'one', offset: 2 }, bounds))).toEqual([1, 2])
    other.close()
    expect(budget.left).toBe(3 * bytes)
  })

  it('are given one by one to who stands before them in the same log', () => {
    const recent = new RecentEvents({ left: 1000 })
    holdAll(recent, events(5, 6))
    expect(recent.after({ epoch: 'one', offset: 4 })).toEqual(event(5))
    expect(recent.after({ epoch: 'one', offset: 6 })).toBeUndefined()
    expect(recent.after({ epoch: 'two', offset: 4 })).toBeUndefined()
  })

  it('make room for newer ones of their topic where all topics together hold no more', () => {
    const budget = { left: 3 * bytes }
    const [one, other] = [new RecentEvents(budget), new RecentEvents(budget)]
    holdAll(other, events(1, 1))
    holdAll(one, events(1, 9))
    expect([7, 8].map((offset) => one.after({ epoch: 'one', offset })?.offset)).toEqual([8, 9])
    expect(one.after({ epoch: 'one', offset: 6 })).toBeUndefined()
    expect([other.after({ epoch: 'one', offset: 0 })?.offset, budget.left]).toEqual([1, 0])
  })

  it('are let go of when nobody wants them for a while', () => {
    const budget = { left: 1000 }
    const recent = new RecentEvents(budget)
    holdAll(recent, events(1, 2))
    recent.after({ epoch: 'one', offset: 1 })
    recent.sweep()
    expect(offsets(recent.page(0, { epoch: 'one', offset: 2 }, bounds))).toEqual([1, 2])
    recent.sweep()
    expect(budget.left).toBeLessThan(1000)
    holdAll(recent, events(3, 4))
    recent.sweep()
    expect(budget.left).toBe(1000)
  })
})

describe('reads of one topic', () => {
  const stream = { topic: 't', resume: null, snapshot: async () => ({}) }

  /** A topic of 100 events, and how often they were asked for in the log. */
  function openReads() {
    const log = createMemoryLog()
    for (let n = 1; n <= 100; n += 1) log.append('t', { n })
    const asked = { head: 0, read: [] as number[] }
    const read = <T>(work: (records: Records) => Promise<T>) =>
      log.read((records) => {
        const counting: Pick<Records['log'], 'head' | 'read'> = {
          head: (topic) => {
            asked.head += 1
            return records.log.head(topic)
          },
          read: (topic, after, limit, maxBytes) => {
            asked.read.push(after)
            return records.log.read(topic, after, limit, maxBytes)
          },
        }
        return work({ ...records, log: { ...records.log, ...counting } })
      })
    const reads = createPageReads({ read }, 't', new RecentEvents({ left: recentBudgetBytes }))
    const from = (offset: number) => reads.read(stream, { epoch: log.head('t').epoch, offset })
    return { log, asked, reads, from }
  }

  it('that are asked for together look at the head once, and read each event once', async () => {
    const { log, asked, from } = openReads()
    const pages = await Promise.all([from(0), from(0), from(10), from(64), from(50)])
    expect(log.reads).toBe(1)
    expect(asked).toEqual({ head: 1, read: [0, 64] })
    expect(pages.map(({ events: [first], position }) => [first?.offset, position.offset])).toEqual([
      [1, 0],
      [1, 0],
      [11, 10],
      [65, 64],
      [51, 50],
    ])
  })

  it('look at the head anew for who asks later, and take what was read before', async () => {
    const { log, asked, from } = openReads()
    await from(64)
    log.append('t', { n: 101 })
    expect((await from(90)).events.map(({ offset }) => offset)).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101])
    expect(asked).toEqual({ head: 2, read: [64, 90] })
    await from(90)
    expect(asked).toEqual({ head: 3, read: [64, 90] })
  })

  it('that are asked for while another one sees the log do not join it', async () => {
    const { log } = openReads()
    const joined: Promise<number>[] = []
    const reads = createPageReads(log, 't', new RecentEvents({ left: recentBudgetBytes }))
    const first = reads.read(
      {
        ...stream,
        async snapshot() {
          log.append('t', { n: 101 })
          joined.push(reads.read(stream, 'now').then(({ head }) => head.offset))
          return {}
        },
      },
      'now',
    )
    expect((await first).head.offset).toBe(100)
    expect(await Promise.all(joined)).toEqual([101])
    expect(log.reads).toBe(2)
  })

  it('share a transaction in bounded numbers', async () => {
    const { log, from } = openReads()
    await Promise.all(Array.from({ length: 600 }, () => from(0)))
    expect(log.reads).toBe(10)
  })

  it('fail one by one: a refusal at once, anything else after each was read alone', async () => {
    const { log, reads, from } = openReads()
    const refused = { ...stream, snapshot: async () => Promise.reject(new Refusal('NOT_FOUND', 'It is not there.')) }
    const broken = { ...stream, snapshot: async () => Promise.reject(new Error('broken')) }
    const sound = from(90)
    const outcomes = await Promise.allSettled([reads.read(refused, 'now'), sound])
    expect(outcomes).toMatchObject([{ reason: { code: 'NOT_FOUND' } }, { status: 'fulfilled' }])
    expect(log.reads).toBe(1)
    const more = await Promise.allSettled([reads.read(broken, 'now'), from(90), reads.read(refused, 'now')])
    expect(more).toMatchObject([{ reason: { message: 'broken' } }, { status: 'fulfilled' }, { status: 'rejected' }])
    expect(log.reads).toBe(5)
    expect((await from(90)).events).toHaveLength(10)
  })
})
