import { describe, expect, it } from 'vitest'
import { cursorAt, numbers, openHub, take, takeAll, type TestHub, tooLarge } from './open-hub.ts'

describe('a fresh stream', () => {
  it('opens with the state of the topic and the cursor of its head', async () => {
    const test = openHub()
    test.publish(1, 2)
    const [item] = await take(await test.open(), 1)
    expect(item).toEqual({
      body: { head: 2 },
      position: { epoch: test.log.head('t').epoch, offset: 2 },
      cursor: cursorAt(test, 2),
      opening: { status: 'fresh', gap: false, replayed: 0 },
      last: false,
    })
  })

  it('goes on with the live events, which carry no opening', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    test.publish(1, 2, 3)
    const items = await take(stream, 3)
    expect(numbers(items)).toEqual([1, 2, 3])
    expect(items.map(({ cursor }) => cursor)).toEqual([1, 2, 3].map((offset) => cursorAt(test, offset)))
    expect(items.every(({ opening }) => opening === null)).toBe(true)
  })

  it('gives a topic that was never written an epoch, so that its first cursor holds', async () => {
    const test = openHub()
    const [item] = await take(await test.open(), 1)
    expect(item?.cursor).toBe(cursorAt(test, 0))
    test.lose(1)
    expect(numbers(await take(await test.open({ after: item?.cursor ?? '' }), 1))).toEqual([1])
  })

  it('opens the same for `now`', async () => {
    const test = openHub()
    test.publish(1)
    const [item] = await take(await test.open({ after: 'now' }), 1)
    expect(item).toMatchObject({ body: { head: 1 }, opening: { status: 'fresh' } })
  })

  it('does not open where the topic is not there', async () => {
    const { hub, log } = openHub()
    const nothing = hub.open({
      topic: 'x',
      resume: null,
      snapshot: async () => Promise.reject(new Error('no such thing')),
    })
    await expect(nothing).rejects.toThrow('no such thing')
    expect(log.has('x')).toBe(false)
  })

  it('on a closed log is its state, and ends', async () => {
    const test = openHub()
    test.log.append('t', { n: 1 }, { last: true })
    const stream = await test.open()
    expect(stream.finished).toBe(false)
    expect(await takeAll(stream)).toMatchObject([{ body: { head: 1 }, last: true, opening: { status: 'fresh' } }])
    expect(test.bus.listeners('t')).toBe(0)
  })
})

describe('a resumed stream', () => {
  it('continues after its cursor, and only the first item says so', async () => {
    const test = openHub()
    test.publish(1, 2, 3)
    const stream = await test.open({ after: cursorAt(test, 1) })
    const items = await take(stream, 2)
    expect(numbers(items)).toEqual([2, 3])
    expect(items.map(({ opening }) => opening)).toEqual([{ status: 'recovered', gap: false, replayed: 2 }, null])
  })

  it('tells of the recovery with the first live event when nothing was missed', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open({ after: cursorAt(test, 1) })
    expect(stream.cursor).toBe(cursorAt(test, 1))
    test.publish(2)
    expect(await take(stream, 1)).toMatchObject([
      { body: { n: 2 }, opening: { status: 'recovered', gap: false, replayed: 0 } },
    ])
  })

  it('replays all that is kept from `earliest`, without a snapshot', async () => {
    const test = openHub()
    test.publish(1, 2, 3, 4)
    test.log.trim('t', 2)
    const items = await take(await test.open({ after: 'earliest' }), 2)
    expect(numbers(items)).toEqual([3, 4])
    expect(items[0]?.opening).toEqual({ status: 'recovered', gap: false, replayed: 2 })
  })

  it('waits for the first event from `earliest` on a topic without any', async () => {
    const test = openHub()
    const stream = await test.open({ after: 'earliest' })
    expect(stream.upToDate).toBe(true)
    test.publish(1)
    expect(numbers(await take(stream, 1))).toEqual([1])
  })

  it('gives everything up to the last event of a closed log, and ends', async () => {
    const test = openHub()
    test.publish(1)
    test.log.append('t', { n: 2 }, { last: true })
    const stream = await test.open({ after: cursorAt(test, 0) })
    const items = await takeAll(stream)
    expect(numbers(items)).toEqual([1, 2])
    expect(items.map(({ last }) => last)).toEqual([false, true])
  })

  it('at the end of a closed log is finished at once', async () => {
    const test = openHub()
    test.log.append('t', { n: 1 }, { last: true })
    const stream = await test.open({ after: cursorAt(test, 1) })
    expect(stream.finished).toBe(true)
    expect(await takeAll(stream)).toEqual([])
    expect(test.bus.listeners('t')).toBe(0)
  })

  it('replays a long log page by page', async () => {
    const test = openHub()
    const all = Array.from({ length: 500 }, (_, index) => index + 1)
    test.lose(...all)
    const stream = await test.open({ after: 'earliest' })
    expect(numbers(await take(stream, 500))).toEqual(all)
    expect(stream.upToDate).toBe(true)
  })
})

describe('a cursor that cannot be honoured', () => {
  const cases = [
    { name: 'trimmed away', code: 'CURSOR_EXPIRED', spoil: ({ log }: TestHub) => log.trim('t', 2) },
    { name: 'of another epoch', code: 'CURSOR_EPOCH', spoil: ({ log }: TestHub) => log.renewEpoch('t') },
    { name: 'of a topic that was removed', code: 'CURSOR_EPOCH', spoil: ({ log }: TestHub) => log.remove('t') },
  ]

  it.each(cases)('$name gives the present state with a gap', async ({ spoil }) => {
    const test = openHub()
    test.publish(1, 2, 3)
    const after = cursorAt(test, 1)
    spoil(test)
    const [item] = await take(await test.open({ after }), 1)
    expect(item?.opening).toEqual({ status: 'snapshot', gap: true, replayed: 0 })
    expect(item?.body).toEqual({ head: test.log.head('t').offset })
    expect(item?.cursor).toBe(cursorAt(test, test.log.head('t').offset))
  })

  it.each(cases)('$name is refused with $code under `onGap: error`', async ({ spoil, code }) => {
    const test = openHub()
    test.publish(1, 2, 3)
    const after = cursorAt(test, 1)
    spoil(test)
    await expect(test.open({ after, onGap: 'error' })).rejects.toMatchObject({ code })
    expect(test.bus.listeners('t')).toBe(0)
  })

  it('beyond the head counts as a gap too', async () => {
    const test = openHub()
    test.publish(1)
    const after = cursorAt(test, 7)
    await expect(test.open({ after, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_AHEAD' })
    expect(await take(await test.open({ after }), 1)).toMatchObject([{ body: { head: 1 }, opening: { gap: true } }])
  })

  it('malformed is refused whatever `onGap` says', async () => {
    const test = openHub()
    for (const after of ['', 'c1', 'c1.short.1', 'c2.aaaaaaaaaaaa.1', `c1.aaaaaaaaaaaa.${'z'.repeat(40)}`, 'latest']) {
      await expect(test.open({ after })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    }
    expect(test.bus.subscribed).toBe(0)
  })

  it('with nothing forgotten after it is honoured although everything before is gone', async () => {
    const test = openHub()
    test.publish(1, 2)
    test.log.trim('t', 2)
    const stream = await test.open({ after: cursorAt(test, 2), onGap: 'error' })
    test.publish(3)
    expect(numbers(await take(stream, 1))).toEqual([3])
  })
})

describe('the live rule', () => {
  it('drops an event that comes long after it was seen', async () => {
    const test = openHub()
    const stream = await test.open()
    const late = test.log.append('t', { n: 1 })
    test.bus.deliver(late)
    test.publish(2, 3)
    test.bus.deliver(late)
    test.publish(4)
    expect(numbers(await take(stream, 5))).toEqual([undefined, 1, 2, 3, 4])
  })

  it('delivers an event that the bus brings twice once', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const event = test.log.append('t', { n: 1 })
    test.bus.deliver(event)
    test.bus.deliver(event)
    test.publish(2)
    expect(numbers(await take(stream, 2))).toEqual([1, 2])
  })

  it('mends a lost event from the log when the next one comes', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    test.lose(1, 2)
    test.publish(3)
    expect(numbers(await take(stream, 3))).toEqual([1, 2, 3])
  })

  it('mends a hole that is larger than what is read at once', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const all = Array.from({ length: 400 }, (_, index) => index + 1)
    const waiting = take(stream, 401)
    test.lose(...all)
    test.publish(401)
    expect(numbers(await waiting)).toEqual([...all, 401])
  })

  it('puts events that the bus turned round in order', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const events = [1, 2, 3, 4].map((n) => test.log.append('t', { n }))
    for (const event of events.toReversed()) test.bus.deliver(event)
    expect(numbers(await take(stream, 4))).toEqual([1, 2, 3, 4])
  })

  it('finds a lost last event with the position check', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const waiting = take(stream, 1)
    test.log.append('t', { n: 1 }, { last: true })
    await test.checkPositions()
    expect(await waiting).toMatchObject([{ body: { n: 1 }, last: true }])
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('reads the log once for all its subscribers', async () => {
    const test = openHub()
    const streams = await Promise.all(Array.from({ length: 20 }, () => test.open()))
    await Promise.all(streams.map((stream) => take(stream, 1)))
    const waiting = streams.map((stream) => take(stream, 3))
    const before = test.log.reads
    test.lose(1, 2)
    test.publish(3)
    for (const items of await Promise.all(waiting)) expect(numbers(items)).toEqual([1, 2, 3])
    // One read mends the topic, and one finds that nothing more is missing; streams that were not waiting for the second
    // event in that moment take it from what is at hand.
    expect(test.log.reads - before).toBeLessThanOrEqual(2)
  })

  it('ignores a message that is no event', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    for (const message of [null, 7, {}, { epoch: 1, offset: 1, body: {}, last: false }, { epoch: 'e', offset: 0.5 }]) {
      test.bus.deliverMessage('t', message)
    }
    test.publish(1)
    expect(numbers(await take(stream, 1))).toEqual([1])
    expect(test.logger.lines.map(({ level }) => level)).toEqual(Array(5).fill('warn'))
  })
})

describe('a subscriber that falls behind', () => {
  it('reads what it missed from the log, and is live again afterwards', async () => {
    const test = openHub()
    const stream = await test.open()
    const all = Array.from({ length: 1000 }, (_, index) => index + 1)
    test.publish(...all)
    await take(stream, 1)
    expect(numbers(await take(stream, 1000))).toEqual(all)
    const before = test.log.reads
    test.publish(1001)
    expect(numbers(await take(stream, 1))).toEqual([1001])
    expect(test.log.reads).toBe(before)
  })

  it('by one event reads that from the log when it is too large to be kept at hand', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const pending = stream.next()
    test.publish(1)
    test.bus.deliver(test.log.append('t', tooLarge(2)))
    expect((await pending).value).toMatchObject({ body: { n: 1 } })
    expect(stream.upToDate).toBe(false)
    expect(numbers(await take(stream, 1))).toEqual([2])
  })

  it('is told of the gap when the log has forgotten what it missed', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    test.publish(...Array.from({ length: 600 }, (_, index) => index + 1))
    test.log.trim('t', 400)
    const [item, ...more] = await take(stream, 1)
    expect(more).toEqual([])
    expect(item).toMatchObject({ body: { head: 600 }, opening: { status: 'snapshot', gap: true } })
    test.publish(601)
    expect(await take(stream, 1)).toMatchObject([{ body: { n: 601 }, opening: null }])
  })

  it('is ended with the code of the gap under `onGap: error`', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open({ after: cursorAt(test, 1), onGap: 'error' })
    test.publish(...Array.from({ length: 600 }, (_, index) => index + 2))
    test.log.trim('t', 400)
    await expect(stream.next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(test.bus.listeners('t')).toBe(0)
  })

  it('is told of the gap when the log is started anew under it', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open({ after: cursorAt(test, 1) })
    const waiting = take(stream, 1)
    test.log.renewEpoch('t')
    await test.checkPositions()
    expect(await waiting).toMatchObject([{ body: { head: 1 }, opening: { status: 'snapshot', gap: true } }])
    test.publish(2)
    expect(numbers(await take(stream, 1))).toEqual([2])
  })

  it('takes nothing of the new log that stands in its place', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open({ after: cursorAt(test, 1) })
    test.log.renewEpoch('t')
    await test.checkPositions()
    await new Promise(setImmediate)
    test.publish(2)
    expect(stream.take()).toBeNull()
    expect(await take(stream, 1)).toMatchObject([{ body: { head: 2 }, opening: { status: 'snapshot', gap: true } }])
  })

  it('is told of the gap when the topic is removed and made anew under it', async () => {
    const test = openHub()
    test.publish(1, 2)
    const stream = await test.open({ after: cursorAt(test, 2) })
    const waiting = take(stream, 1)
    test.log.remove('t')
    await test.checkPositions()
    expect(await waiting).toMatchObject([{ body: { head: 0 }, opening: { status: 'snapshot', gap: true } }])
    const next = take(stream, 1)
    test.publish(3)
    expect(numbers(await next)).toEqual([3])
  })

  it('learns of a new epoch from the first event that carries it', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open({ after: cursorAt(test, 1) })
    const waiting = take(stream, 1)
    test.log.renewEpoch('t')
    test.publish(2)
    expect(await waiting).toMatchObject([{ body: { head: 2 }, opening: { status: 'snapshot', gap: true } }])
  })

  it('fails with what reading the log throws', async () => {
    const test = openHub({ delay: async () => (broken ? Promise.reject(new Error('disk full')) : undefined) })
    let broken = false
    test.publish(1)
    const stream = await test.open()
    await take(stream, 1)
    test.publish(...Array.from({ length: 600 }, (_, index) => index + 2))
    broken = true
    await expect(stream.next()).rejects.toThrow('disk full')
    expect(test.bus.listeners('t')).toBe(0)
  })
})

describe('the end of a stream', () => {
  it('`return()` wakes a pending `next()`', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const pending = stream.next()
    await stream.return()
    expect(await pending).toEqual({ done: true, value: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('`return()` wakes a `next()` that is reading the log', async () => {
    const gate = Promise.withResolvers<void>()
    let slow = false
    const test = openHub({ delay: async () => (slow ? gate.promise : undefined) })
    const stream = await test.open()
    await take(stream, 1)
    test.publish(...Array.from({ length: 500 }, (_, index) => index + 1))
    slow = true
    const pending = stream.next()
    await stream.return()
    expect(await pending).toEqual({ done: true, value: undefined })
    gate.resolve()
  })

  it('refuses a second `next()` while one is pending', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const pending = stream.next()
    await expect(stream.next()).rejects.toThrow(TypeError)
    test.publish(1)
    expect(await pending).toMatchObject({ value: { body: { n: 1 } } })
  })

  it('of the last subscriber ends the subscription on the bus', async () => {
    const test = openHub()
    const [one, two] = [await test.open(), await test.open()]
    expect(test.bus.subscribed).toBe(1)
    await one.return()
    expect(test.bus.listeners('t')).toBe(1)
    await two.return()
    await two.return()
    expect(test.bus.listeners('t')).toBe(0)
  })

  it('comes with an error when the hub is closed', async () => {
    const test = openHub()
    const [idle, reading] = [await test.open(), await test.open()]
    await take(reading, 1)
    const pending = reading.next()
    await test.hub[Symbol.asyncDispose]()
    await expect(pending).rejects.toThrow('The hub is closed.')
    await expect(idle.next()).rejects.toThrow('The hub is closed.')
    await expect(test.open()).rejects.toThrow('The hub is closed.')
    expect(test.bus.listeners('t')).toBe(0)
  })
})

describe('two subscribers', () => {
  it('that open a topic together share the subscription and get the same', async () => {
    const test = openHub()
    const [one, two] = await Promise.all([test.open(), test.open()])
    expect(test.bus.subscribed).toBe(1)
    test.publish(1, 2)
    expect(numbers(await take(one, 3))).toEqual([undefined, 1, 2])
    expect(numbers(await take(two, 3))).toEqual([undefined, 1, 2])
  })

  it('do not hold each other up', async () => {
    const test = openHub()
    const [quick, stalled] = [await test.open(), await test.open()]
    const all = Array.from({ length: 300 }, (_, index) => index + 1)
    await take(quick, 1)
    for (const n of all) {
      test.publish(n)
      expect(numbers(await take(quick, 1))).toEqual([n])
    }
    await take(stalled, 1)
    expect(numbers(await take(stalled, 300))).toEqual(all)
  })
})

describe('a subscription that the bus refuses', () => {
  it('refuses the stream, and the next one is tried anew', async () => {
    let refuse = true
    const test = openHub({ acknowledge: async () => (refuse ? Promise.reject(new Error('bus is down')) : undefined) })
    await expect(test.open()).rejects.toThrow('bus is down')
    refuse = false
    await take(await test.open(), 1)
    expect(test.bus.listeners('t')).toBe(1)
  })
})
