import { describe, expect, it } from 'vitest'
import type { Position } from '../../../src/core/cursor.ts'
import type { TopicStream } from '../../../src/services/streams/stream.ts'
import { numbers, openHub, take, type TestHub } from './open-hub.ts'

/** A stream that is up to date, after its snapshot. */
async function openAtHead(test: TestHub): Promise<TopicStream> {
  const stream = await test.open()
  await take(stream, 1)
  return stream
}

function at(test: TestHub, offset: number): Position {
  return { epoch: test.log.head('t').epoch, offset }
}

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
    test.bus.deliver(test.log.append('t', { n: 2, text: 'x'.repeat(70_000) }))
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
    const [same, other] = [await test.open({ after: cursor(test, 1) }), await test.open({ after: cursor(test, 1) })]
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
    await test.open({ after: cursor(test, 2) })
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

  it('is only parked where it is up to date', async () => {
    const test = openHub()
    const message = 'Only a stream that is up to date is parked.'
    const stream = await test.open()
    expect(() => stream.park()).toThrow(new TypeError(message))
    await take(stream, 1)
    const pending = stream.next()
    expect(() => stream.park()).toThrow(new TypeError(message))
    await stream.return()
    await pending
    expect(() => stream.park()).toThrow(new TypeError(message))
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

function cursor(test: TestHub, offset: number): string {
  return `c1.${test.log.head('t').epoch}.${offset}`
}
