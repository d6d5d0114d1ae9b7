import { describe, expect, it } from 'vitest'
import { at, cursorAt, numbers, openAtHead, openHub, take, takeAll, tooLarge } from './open-hub.ts'

describe('a stream that gives what is at hand', () => {
  it('gives the snapshot, then the events, and moves no further', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open()
    expect(stream.take()).toMatchObject({ body: { head: 1 }, position: at(test, 1), opening: { status: 'fresh' } })
    expect(stream.take()).toBeNull()
    test.publish(2)
    expect(stream.take()).toMatchObject({ body: { n: 2 }, position: at(test, 2), opening: null })
    expect(stream.take()).toBeNull()
    expect([stream.position, stream.upToDate]).toEqual([at(test, 2), true])
  })

  it('ends with the last event', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    test.bus.deliver(test.log.append('t', { n: 1 }, { last: true }))
    await test.checkPositions()
    expect(stream.take()).toMatchObject({ body: { n: 1 }, last: true })
    expect(stream.take()).toBeNull()
    expect(test.bus.listeners('t')).toBe(0)
  })
})

describe('a stream that is waited for until it is ready', () => {
  it('reads until an item is at hand or it is up to date, and takes nothing', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    expect(await stream.ready()).toBe(true)
    test.bus.deliver(test.log.append('t', tooLarge(2)))
    expect(stream.take()).toBeNull()
    expect(await stream.ready()).toBe(true)
    expect(stream.position).toEqual(at(test, 1))
    expect(stream.take()).toMatchObject({ body: { n: 2 } })
    expect(await stream.ready()).toBe(true)
    expect([stream.take(), stream.upToDate]).toEqual([null, true])
  })

  it('says when nothing will follow, and why', async () => {
    const test = openHub()
    test.publish(1)
    const [returned, failed] = [await openAtHead(test), await openAtHead(test)]
    await returned.return()
    expect(await returned.ready()).toBe(false)
    failed.park()
    await test.hub[Symbol.asyncDispose]()
    await expect(failed.ready()).rejects.toThrow('The hub is closed.')
    expect(await failed.ready()).toBe(false)
  })
})

describe('a parked stream', () => {
  it('says where it stands, of which topic, and how it was opened', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open({ after: 'earliest' })
    await take(stream, 1)
    stream.park()
    expect(stream.topic).toBe('t')
    expect(stream.position).toEqual(at(test, 1))
    expect(stream.live.position).toEqual(at(test, 1))
    expect([stream.upToDate, stream.take()]).toEqual([false, null])
    await expect(stream.next()).rejects.toThrow(new TypeError('A parked stream is not read.'))
  })

  it('costs no read, keeps nothing at hand, and reads on from the place that it is sought to', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    stream.park()
    const before = test.log.reads
    test.publish(...Array.from({ length: 10 }, (_, index) => index + 2))
    expect(test.log.reads).toBe(before)
    stream.seek(at(test, 4))
    expect(stream.upToDate).toBe(false)
    const items = await take(stream, 7)
    expect(numbers(items)).toEqual([5, 6, 7, 8, 9, 10, 11])
    expect(items.every(({ opening }) => opening === null)).toBe(true)
    // The window held none of them.
    expect(test.log.reads).toBe(before + 1)
    test.publish(12)
    expect(numbers(await take(stream, 1))).toEqual([12])
  })

  it('is live again when it is sought to the head', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    stream.park()
    test.publish(1, 2)
    await test.checkPositions()
    stream.seek(at(test, 2))
    expect(stream.upToDate).toBe(true)
    const before = test.log.reads
    const next = take(stream, 1)
    test.publish(3)
    expect(numbers(await next)).toEqual([3])
    expect(test.log.reads).toBe(before)
  })

  it('keeps its opening when it is sought to its own place, and has told it anywhere else', async () => {
    const test = openHub()
    test.publish(1)
    const [same, other] = [await test.open({ after: cursorAt(test, 1) }), await test.open({ after: cursorAt(test, 1) })]
    expect(same.opening).toEqual({ status: 'recovered', gap: false, replayed: 0 })
    same.park()
    other.park()
    same.seek(at(test, 1))
    test.publish(2)
    other.seek(at(test, 2))
    test.publish(3)
    expect(await take(same, 1)).toMatchObject([{ body: { n: 2 }, opening: { status: 'recovered', replayed: 0 } }])
    expect(other.opening).toBeNull()
    expect(await take(other, 1)).toMatchObject([{ body: { n: 3 }, opening: null }])
  })

  it('finds the gap when the log is another one by now', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    stream.park()
    const place = stream.position
    test.log.renewEpoch('t')
    test.publish(2)
    await test.checkPositions()
    stream.seek(place)
    expect(await take(stream, 1)).toMatchObject([{ body: { head: 2 }, opening: { status: 'snapshot', gap: true } }])
  })

  it('finds the gap when its events were forgotten', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    stream.park()
    test.publish(2, 3, 4)
    test.log.trim('t', 3)
    stream.seek(at(test, 2))
    expect(await take(stream, 1)).toMatchObject([{ body: { head: 4 }, opening: { status: 'snapshot', gap: true } }])
  })

  it('ends when it is sought to the end of the log', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    stream.park()
    test.bus.deliver(test.log.append('t', { n: 2 }, { last: true }))
    stream.seek(at(test, 2))
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(test.bus.listeners('t')).toBe(0)
  })

  it('ends when it is sought to the end that somebody else has found', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    stream.park()
    test.log.append('t', { n: 2 }, { last: true })
    await test.open({ after: cursorAt(test, 2) })
    stream.seek(at(test, 2))
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('ends when the log came to its end before the place that it is sought to was heard of', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    stream.park()
    test.log.remove('t')
    test.log.append('t', { n: 1 }, { last: true })
    stream.seek(at(test, 1))
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(test.bus.listeners('t')).toBe(0)
  })

  it('may be ahead of what is live, and reads on from there', async () => {
    const gate = Promise.withResolvers<void>()
    let ends = 0
    const test = openHub({ delay: async (what) => (what === 'read ends' && ++ends === 3 ? gate.promise : undefined) })
    test.publish(1)
    await openAtHead(test)
    test.lose(2, 3)
    const stream = await openAtHead(test)
    expect([stream.upToDate, stream.position, stream.live.position]).toEqual([true, at(test, 3), at(test, 1)])
    stream.park()
    stream.seek(at(test, 3))
    const next = take(stream, 1)
    gate.resolve()
    await new Promise(setImmediate)
    test.publish(4)
    expect(numbers(await next)).toEqual([4])
  })

  it('counts as open until it is returned', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    stream.park()
    expect(test.bus.listeners('t')).toBe(1)
    await stream.return()
    await stream.return()
    expect(test.bus.listeners('t')).toBe(0)
    stream.seek(stream.position)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('fails with the reason when the hub was closed', async () => {
    const test = openHub()
    const [sought, parked] = [await openAtHead(test), await openAtHead(test)]
    sought.park()
    parked.park()
    await test.hub[Symbol.asyncDispose]()
    sought.seek(sought.position)
    await expect(sought.next()).rejects.toThrow('The hub is closed.')
    await expect(parked.next()).rejects.toThrow('The hub is closed.')
    expect(await parked.next()).toEqual({ done: true, value: undefined })
  })

  it('makes a snapshot anew that was not taken, and tells it as the one before', async () => {
    const test = openHub()
    test.publish(1, 2)
    const [fresh, gapped] = [await test.open(), await test.open({ after: 'c1.otherepoch1.5' })]
    for (const stream of [fresh, gapped]) {
      stream.park()
      expect([stream.take(), stream.upToDate]).toEqual([null, false])
    }
    test.publish(3)
    for (const [stream, opening] of [
      [fresh, { status: 'fresh', gap: false, replayed: 0 }],
      [gapped, { status: 'snapshot', gap: true, replayed: 0 }],
    ] as const) {
      stream.seek(stream.position)
      expect([stream.take(), stream.upToDate]).toEqual([null, false])
      expect(await stream.ready()).toBe(true)
      expect(stream.take()).toMatchObject({ body: { head: 3 }, position: { offset: 3 }, opening })
      expect(stream.upToDate).toBe(true)
    }
    test.publish(4)
    expect(numbers(await take(fresh, 1))).toEqual([4])
  })

  it('makes no snapshot any more for a place that somebody else has come to', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open()
    stream.park()
    test.publish(2, 3)
    stream.seek(at(test, 2))
    expect(await stream.ready()).toBe(true)
    expect(stream.take()).toMatchObject({ body: { n: 3 }, opening: null })
  })

  it('gives the snapshot of a finished log that was not taken', async () => {
    const test = openHub()
    test.bus.deliver(test.log.append('t', { n: 1 }, { last: true }))
    const stream = await test.open()
    stream.park()
    stream.seek(stream.position)
    const [item] = await takeAll(stream)
    expect(item).toMatchObject({ body: { head: 1 }, last: true, opening: { status: 'fresh' } })
  })

  it('before its first event is replayed tells that it came back when it is read again', async () => {
    const test = openHub()
    test.publish(1, 2)
    const stream = await test.open({ after: 'earliest' })
    stream.park()
    stream.seek(stream.position)
    expect(await stream.ready()).toBe(true)
    expect(stream.take()).toMatchObject({ body: { n: 1 }, opening: { status: 'recovered', replayed: 2 } })
  })

  it('is not parked while it is read', async () => {
    const test = openHub()
    test.publish(1)
    const [stream, replaying] = [await test.open(), await test.open({ after: 'earliest' })]
    await take(stream, 1)
    const pending = stream.next()
    const reading = 'A stream that is being read is not parked.'
    expect(() => stream.park()).toThrow(new TypeError(reading))
    await stream.return()
    expect(await pending).toEqual({ done: true, value: undefined })
    await take(replaying, 1)
    test.bus.deliver(test.log.append('t', tooLarge(2)))
    const ready = replaying.ready()
    expect(() => replaying.park()).toThrow(new TypeError(reading))
    await ready
    replaying.park()
  })

  it('is parked without an effect once it has ended', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    await stream.return()
    stream.park()
    stream.seek(stream.position)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('in mid-replay is given no event, holds none, and reads on from its place', async () => {
    const test = openHub()
    test.publish(...Array.from({ length: 100 }, (_, index) => index + 1))
    const stream = await test.open({ after: 'earliest' })
    await take(stream, 10)
    stream.park()
    let looks = 0
    const event = test.log.append('t', { n: 101 })
    // Whoever keeps an event measures its body.
    const body = {
      get n() {
        looks += 1
        return 101
      },
    }
    test.bus.deliver({ ...event, body })
    expect(stream.live.position).toEqual(at(test, 101))
    expect(looks).toBe(0)
    test.log.trim('t', 9)
    const before = stream.position
    stream.seek(before)
    const items = await take(stream, 91)
    expect(numbers(items)).toEqual(Array.from({ length: 91 }, (_, index) => index + 11))
    expect(items.every(({ opening }) => opening === null)).toBe(true)
    expect(stream.upToDate).toBe(true)
  })

  it('forgets the page that it had read', async () => {
    const test = openHub()
    test.lose(...Array.from({ length: 600 }, (_, index) => index + 1))
    const stream = await test.open({ after: 'earliest' })
    await take(stream, 1)
    stream.park()
    // More is read by another one than is held for all.
    await take(await test.open({ after: 'earliest' }), 600)
    test.log.trim('t', 590)
    stream.seek(stream.position)
    expect(await take(stream, 1)).toMatchObject([{ body: { head: 600 }, opening: { status: 'snapshot', gap: true } }])
  })

  it('is only sought where it is parked, and neither back nor beyond what was heard', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    expect(() => stream.seek(at(test, 1))).toThrow(new TypeError('Only a parked stream is sought through.'))
    stream.park()
    const back = 'A stream is not read again from a place before its own.'
    expect(() => stream.seek(at(test, 0))).toThrow(new TypeError(back))
    const beyond = 'A stream is not read from a place that nobody has seen.'
    expect(() => stream.seek(at(test, 2))).toThrow(new TypeError(beyond))
    stream.seek(at(test, 1))
    expect(stream.upToDate).toBe(true)
  })
})
