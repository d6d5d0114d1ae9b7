import { describe, expect, it } from 'vitest'
import { formatCursor } from '../../../../../src/core/cursor.ts'
import { openGroups, settle, TestSink } from './open-groups.ts'

const ns = (sink: TestSink) => sink.received.map(({ n }) => n)

describe('a subscriber of a group', () => {
  it('opens with a snapshot, then has each event once and in order', async () => {
    const test = openGroups()
    test.publish(1)
    const sink = new TestSink()
    await test.subscribe(sink)
    await settle()
    test.publish(2, 3)
    test.publish(4)
    await settle()
    expect(ns(sink)).toEqual([null, 2, 3, 4])
    expect(sink.received.map(({ status }) => status)).toEqual(['fresh', null, null, null])
    expect(sink.timesUpToDate).toBe(1)
  })

  it('shares one execution and one frame of each event', async () => {
    const test = openGroups()
    test.publish(1)
    const sinks = Array.from({ length: 600 }, () => new TestSink())
    for (const sink of sinks) await test.subscribe(sink)
    await settle()
    const before = test.executed.length
    test.publish(2, 3)
    await settle()
    expect(test.executed.length - before).toBe(2)
    const frames = sinks.map((sink) => sink.frames.at(-1))
    expect(new Set(frames).size).toBe(1)
    expect(sinks.every((sink) => sink.received.length === 3)).toBe(true)
  })

  it('executes each event of a replay once for all who come back', async () => {
    const test = openGroups()
    test.publish(...Array.from({ length: 150 }, (_, index) => index + 1))
    const sinks = Array.from({ length: 50 }, () => new TestSink())
    await Promise.all(sinks.map((sink) => test.subscribe(sink, { after: 'earliest' })))
    await settle()
    expect(sinks.every((sink) => sink.received.length === 150)).toBe(true)
    expect(test.executed).toHaveLength(150)
    expect(test.replayed.length).toBeGreaterThan(0)
  })

  it('tells in its first frame how it came back, also when that is a live one', async () => {
    const test = openGroups()
    test.publish(1, 2)
    const head = test.log.head('t')
    const cursor = `c1.${head.epoch}.2`
    const [behind, level, other] = [new TestSink(), new TestSink(), new TestSink()]
    await test.subscribe(behind, { after: `c1.${head.epoch}.1` })
    await test.subscribe(level, { after: cursor })
    await test.subscribe(other)
    await settle()
    expect(level.received).toEqual([])
    test.publish(3, 4)
    await settle()
    expect(behind.received.map(({ n, status }) => [n, status])).toEqual([
      [2, 'recovered'],
      [3, null],
      [4, null],
    ])
    expect(level.received.map(({ n, status }) => [n, status])).toEqual([
      [3, 'recovered'],
      [4, null],
    ])
    expect(JSON.parse(level.frames[0]?.payload ?? '').extensions.resume).toEqual({
      cursor: `c1.${head.epoch}.3`,
      status: 'recovered',
      gap: false,
      replayed: 0,
    })
    expect(other.frames.at(-1)).toBe(level.frames.at(-1))
  })

  it('stands still while nothing can be written, and reads on from its place', async () => {
    const test = openGroups()
    test.publish(1)
    const [slow, quick] = [new TestSink(2), new TestSink()]
    const subscriber = await test.subscribe(slow)
    await test.subscribe(quick)
    await settle()
    test.publish(2, 3, 4)
    await settle()
    test.publish(5)
    await settle()
    expect(ns(slow)).toEqual([null, 2])
    expect(subscriber.upToDate).toBe(false)
    expect(ns(quick)).toEqual([null, 2, 3, 4, 5])
    slow.room = 2
    subscriber.resume()
    await settle()
    expect(ns(slow)).toEqual([null, 2, 3, 4])
    slow.room = Number.POSITIVE_INFINITY
    subscriber.resume()
    await settle()
    test.publish(6)
    await settle()
    expect(ns(slow)).toEqual([null, 2, 3, 4, 5, 6])
    expect(subscriber.upToDate).toBe(true)
  })

  it('that stalls in mid-replay costs nothing for what happens meanwhile', async () => {
    const test = openGroups()
    const all = Array.from({ length: 100 }, (_, index) => index + 1)
    test.publish(...all)
    const slow = new TestSink(10)
    const subscriber = await test.subscribe(slow, { after: 'earliest' })
    await settle()
    let looks = 0
    // Whoever keeps an event for a listener that is behind measures its body.
    const body = {
      get n() {
        looks += 1
        return 101
      },
    }
    test.bus.deliver({ ...test.log.append('t', { n: 101 }), body })
    expect([looks, subscriber.upToDate, slow.received.length]).toEqual([0, false, 10])
    slow.room = Number.POSITIVE_INFINITY
    subscriber.resume()
    await settle()
    expect(ns(slow)).toEqual([...all, 101])
    expect(slow.received.filter(({ status }) => status !== null)).toHaveLength(1)
  })

  it('that has no more room just where nothing more has happened is up to date until something does', async () => {
    const test = openGroups()
    test.publish(1, 2)
    const slow = new TestSink(2)
    const subscriber = await test.subscribe(slow, { after: 'earliest' })
    await settle()
    expect([ns(slow), subscriber.upToDate]).toEqual([[1, 2], true])
    test.publish(3)
    expect(subscriber.upToDate).toBe(false)
    slow.room = 1
    subscriber.resume()
    await settle()
    expect(ns(slow)).toEqual([1, 2, 3])
  })

  it('that stalls as the hub is closed hears of that', async () => {
    const gate = Promise.withResolvers<void>()
    const test = openGroups({ executing: ({ n }) => (n === 2 ? gate.promise : null) })
    test.publish(1, 2, 3)
    const slow = new TestSink(2)
    const subscriber = await test.subscribe(slow, { after: 'earliest' })
    await settle()
    await test.hub[Symbol.asyncDispose]()
    gate.resolve()
    await settle()
    expect([ns(slow), slow.over]).toEqual([[1, 2], null])
    slow.room = 1
    subscriber.resume()
    await settle()
    expect(String(slow.over?.reason)).toContain('The hub is closed')
  })

  it('tells of a gap when the log forgot what it had not read', async () => {
    const test = openGroups()
    test.publish(1)
    const slow = new TestSink(1)
    const subscriber = await test.subscribe(slow)
    await settle()
    // More than is at hand in memory.
    test.publish(...Array.from({ length: 600 }, (_, index) => index + 2))
    await settle()
    test.log.trim('t', 590)
    slow.room = 5
    subscriber.resume()
    await settle()
    expect(slow.received.map(({ n, status, gap }) => [n, status, gap])).toEqual([
      [null, 'fresh', false],
      [null, 'snapshot', true],
    ])
    test.publish(700)
    await settle()
    expect(ns(slow)).toEqual([null, null, 700])
  })

  it('keeps the order of events when executions take different times', async () => {
    const release = new Map<unknown, () => void>()
    const executing = (body: object) => {
      const { n } = body as { n?: number }
      return n === undefined || n > 3 ? null : new Promise<void>((resolve) => release.set(n, resolve))
    }
    const test = openGroups({ executing })
    const sink = new TestSink()
    await test.subscribe(sink)
    await settle()
    test.publish(1)
    await settle()
    test.publish(2, 3, 4)
    await settle()
    expect([...release.keys()]).toEqual([1, 2, 3])
    release.get(3)?.()
    release.get(2)?.()
    await settle()
    expect(ns(sink)).toEqual([null])
    release.get(1)?.()
    await settle()
    expect(ns(sink)).toEqual([null, 1, 2, 3, 4])
  })

  it('ends after the last event, and releases its group', async () => {
    const test = openGroups()
    const [live, late] = [new TestSink(), new TestSink()]
    await test.subscribe(live)
    await settle()
    test.bus.deliver(test.log.append('t', { n: 1 }, { last: true }))
    await settle()
    await test.subscribe(late, { after: 'earliest' })
    await settle()
    expect(live.over).toEqual({ reason: null })
    expect(late.over).toEqual({ reason: null })
    expect(ns(live)).toEqual([null, 1])
    expect(ns(late)).toEqual([1])
    expect(test.groups.size).toBe(0)
  })

  it('finds what was executed for those who have just left', async () => {
    const test = openGroups()
    test.publish(1, 2, 3)
    for (const after of ['earliest', 'earliest']) {
      const sink = new TestSink()
      const subscriber = await test.subscribe(sink, { after })
      await settle()
      expect(ns(sink)).toEqual([1, 2, 3])
      subscriber.end()
    }
    expect(test.executed).toHaveLength(3)
  })

  it('executes again what has failed, for whoever needs it next', async () => {
    let isBroken = true
    const test = openGroups({ failing: () => isBroken })
    test.publish(1, 2)
    const [live, next, last] = [new TestSink(), new TestSink(), new TestSink()]
    await test.subscribe(live, { after: 'earliest' })
    await settle()
    isBroken = false
    await test.subscribe(next, { after: 'earliest' })
    await settle()
    await test.subscribe(last, { after: 'earliest' })
    await settle()
    expect([ns(live), ns(next), ns(last)]).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
    expect(test.executed).toHaveLength(4)
  })

  it('shares the first frame with all who come from the same place', async () => {
    const test = openGroups()
    test.publish(1, 2)
    const sinks = [new TestSink(), new TestSink(), new TestSink()]
    await test.subscribe(sinks[0] as TestSink, { after: 'earliest' })
    await test.subscribe(sinks[1] as TestSink, { after: 'earliest' })
    await test.subscribe(sinks[2] as TestSink, { after: formatCursor({ ...test.log.head('t'), offset: 1 }) })
    await settle()
    const [one, two, three] = sinks.map(({ frames }) => frames)
    expect(two?.[0]).toBe(one?.[0])
    expect(two?.[1]).toBe(one?.[1])
    expect(three?.[0]).not.toBe(one?.[1])
    expect(three?.[0]?.payload).toContain('"replayed":1')
  })

  it('sends nothing any more once it was ended or has failed', async () => {
    const test = openGroups()
    const [ended, failed] = [new TestSink(), new TestSink()]
    const one = await test.subscribe(ended)
    const two = await test.subscribe(failed)
    await settle()
    test.publish(1)
    one.end()
    two.fail(new Error('over'))
    one.end()
    two.fail(new Error('again'))
    await settle()
    expect(ns(ended)).toEqual([null])
    expect(ended.over).toBe(null)
    expect(failed.over).toEqual({ reason: new Error('over') })
    expect(test.groups.size).toBe(0)
  })

  it('sends nothing while it is held, and reads on from its place when it is released', async () => {
    const test = openGroups()
    test.publish(1)
    const [held, other, early] = [new TestSink(), new TestSink(), new TestSink()]
    const subscriber = await test.subscribe(held)
    await test.subscribe(other)
    const before = await test.subscribe(early, null, { held: true })
    await settle()
    subscriber.hold()
    subscriber.hold()
    test.publish(2, 3)
    await settle()
    subscriber.resume()
    before.resume()
    test.publish(4)
    await settle()
    expect([ns(held), ns(early), ns(other)]).toEqual([[null], [], [null, 2, 3, 4]])
    subscriber.release()
    before.release()
    await settle()
    test.publish(5)
    await settle()
    expect(ns(held)).toEqual([null, 2, 3, 4, 5])
    expect(ns(early).at(-1)).toBe(5)
    expect(early.received[0]?.status).toBe('fresh')
    expect([subscriber.upToDate, before.upToDate]).toEqual([true, true])
  })

  it('does not go on before its sink is writable, too', async () => {
    const test = openGroups()
    const sink = new TestSink(1)
    const subscriber = await test.subscribe(sink)
    await settle()
    test.publish(1)
    await settle()
    subscriber.hold()
    subscriber.release()
    await settle()
    expect(ns(sink)).toEqual([null])
    sink.room = 1
    subscriber.hold()
    subscriber.resume()
    await settle()
    expect(ns(sink)).toEqual([null])
    subscriber.release()
    await settle()
    expect(ns(sink)).toEqual([null, 1])
  })

  it.each(['released', 'ended'] as const)('keeps what is executed while it is held until it is %s', async (what) => {
    const executions: (() => void)[] = []
    const executing = ({ n }: { readonly n?: unknown }) =>
      n === undefined ? null : new Promise<void>((resolve) => void executions.push(resolve))
    const test = openGroups({ executing })
    test.publish(1, 2)
    const sink = new TestSink()
    const subscriber = await test.subscribe(sink, { after: 'earliest' })
    await settle()
    expect(executions).toHaveLength(1)
    subscriber.hold()
    executions[0]?.()
    await settle()
    expect([ns(sink), executions.length]).toEqual([[], 1])
    if (what === 'ended') subscriber.fail(new Error('revoked'))
    subscriber.release()
    await settle()
    expect(ns(sink)).toEqual(what === 'ended' ? [] : [1])
    executions[1]?.()
    await settle()
    expect(ns(sink)).toEqual(what === 'ended' ? [] : [1, 2])
    expect(sink.over).toEqual(what === 'ended' ? { reason: new Error('revoked') } : null)
  })

  it('passes on a failure from before it began', async () => {
    const test = openGroups()
    const stream = await test.open()
    const group = test.groups.acquire('g', () => () => ({ text: '{}', failed: false }))
    const { Subscriber } = await import('../../../../../src/server/streams/groups/subscriber.ts')
    const subscriber = new Subscriber({
      stream,
      group,
      over: () => test.groups.release('g'),
      replayed: () => undefined,
    })
    subscriber.fail(new Error('revoked'))
    const sink = new TestSink()
    subscriber.begin(sink)
    expect(sink.over).toEqual({ reason: new Error('revoked') })
  })

  it('fails with the hub, whether it reads or is live', async () => {
    const test = openGroups()
    const [live, paused] = [new TestSink(), new TestSink(0)]
    await test.subscribe(live)
    const two = await test.subscribe(paused)
    await settle()
    await test.hub[Symbol.asyncDispose]()
    paused.room = 1
    two.resume()
    await settle()
    expect(String(live.over?.reason)).toContain('The hub is closed')
    expect(String(paused.over?.reason)).toContain('The hub is closed')
  })

  it.each([20_000, 64_000_000])(
    'gives a burst of more than it holds to everybody once (cache of %i)',
    async (maxBytes) => {
      const test = openGroups({ maxBytes })
      const sinks = Array.from({ length: 30 }, () => new TestSink())
      for (const sink of sinks) await test.subscribe(sink)
      await settle()
      const many = Array.from({ length: 1_500 }, (_, index) => index + 1)
      test.publish(...many)
      await settle(200)
      for (const sink of sinks) expect(ns(sink)).toEqual([null, ...many])
    },
  )
})
