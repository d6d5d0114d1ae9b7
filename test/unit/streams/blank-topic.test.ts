import { describe, expect, it } from 'vitest'
import { formatCursor } from '../../../src/core/cursor.ts'
import { listening, numbers, openHub, take, type TestHub } from './open-hub.ts'

/** The cursor of a topic that was never written. */
function blankCursor({ log }: TestHub): string {
  return formatCursor(log.head('never written'))
}

describe('a topic that was never written', () => {
  it('is listened to without a trace, and has a cursor', async () => {
    const test = openHub()
    const [item] = await take(await test.open(), 1)
    expect(item).toMatchObject({ body: { head: 0 }, cursor: blankCursor(test), opening: { status: 'fresh' } })
    expect(test.log.has('t')).toBe(false)
  })

  it('is recovered from `earliest` and from its own cursor, with nothing to replay', async () => {
    const test = openHub()
    for (const after of ['earliest', blankCursor(test)]) {
      const stream = await test.open({ after, onGap: 'error' })
      expect(stream.opening).toEqual({ status: 'recovered', gap: false, replayed: 0 })
      expect(stream.upToDate).toBe(true)
      await stream.return()
    }
  })

  it('does not open from any cursor where the thing is not there', async () => {
    const test = openHub()
    const snapshot = async () => Promise.reject(new Error('no such thing'))
    for (const after of ['earliest', 'now', blankCursor(test)]) {
      const opening = test.hub.open({ topic: 't', resume: { after, onGap: 'error' }, snapshot })
      await expect(opening).rejects.toThrow('no such thing')
    }
  })

  it('honours no cursor of another log, and none beyond its end', async () => {
    const test = openHub()
    const foreign = formatCursor({ epoch: 'aaaaaaaaaaaa', offset: 0 })
    await expect(test.open({ after: foreign, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_EPOCH' })
    const ahead = formatCursor({ ...test.log.head('t'), offset: 1 })
    await expect(test.open({ after: ahead, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_AHEAD' })
    test.lose(1, 2)
    await expect(test.open({ after: ahead, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_EPOCH' })
  })
})

describe('the first event of a topic', () => {
  it('reaches all who wait for it, with one read for all of them', async () => {
    const test = openHub()
    const streams = [await test.open(), await test.open(), await test.open()]
    for (const stream of streams) await take(stream, 1)
    const before = test.log.reads
    const waiting = streams.map((stream) => take(stream, 2))
    test.publish(1, 2)
    for (const items of await Promise.all(waiting)) {
      expect(numbers(items)).toEqual([1, 2])
      expect(items.map(({ opening }) => opening)).toEqual([null, null])
    }
    expect(test.log.reads - before).toBeLessThanOrEqual(2)
  })

  it('reaches followers without an interruption', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const follower = listening()
    stream.park()
    stream.live.follow(follower)
    test.publish(1)
    await new Promise(setImmediate)
    test.publish(2)
    expect(follower.heard).toEqual([1, 2])
  })

  it('reaches who was parked before it and reads on from there', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    const { position } = stream
    stream.park()
    test.publish(1, 2)
    await new Promise(setImmediate)
    stream.seek(position)
    expect(numbers(await take(stream, 2))).toEqual([1, 2])
  })

  it('is found by the position check when the bus lost it', async () => {
    const test = openHub()
    const stream = await test.open()
    const waiting = take(stream, 2)
    test.lose(1)
    await test.checkPositions()
    expect(numbers(await waiting)).toEqual([undefined, 1])
  })

  it('is replayed to the cursor of before, with all that followed', async () => {
    const test = openHub()
    const after = blankCursor(test)
    test.lose(1, 2, 3)
    const stream = await test.open({ after, onGap: 'error' })
    const items = await take(stream, 3)
    expect(numbers(items)).toEqual([1, 2, 3])
    expect(items[0]?.opening).toEqual({ status: 'recovered', gap: false, replayed: 3 })
  })

  it('is missed by the cursor of before once it is forgotten', async () => {
    const test = openHub()
    const after = blankCursor(test)
    test.lose(1, 2)
    test.log.trim('t', 1)
    await expect(test.open({ after, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  })

  it('is not promised to the cursor of before once all epochs are new', async () => {
    const test = openHub()
    const after = blankCursor(test)
    test.log.renewBlankEpoch()
    await expect(test.open({ after, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_EPOCH' })
    test.lose(1)
    await expect(test.open({ after, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_EPOCH' })
  })

  it('that comes while the stream is opened is not lost', async () => {
    const gate = Promise.withResolvers<void>()
    const test = openHub({ delay: async (what) => (what === 'read ends' ? gate.promise : undefined) })
    const opening = test.open()
    await new Promise(setImmediate)
    test.publish(1)
    gate.resolve()
    expect(numbers(await take(await opening, 2))).toEqual([undefined, 1])
  })
})

describe('a topic that is removed and written again', () => {
  it('has a gap for who was in it before, although the offsets are the same', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await test.open()
    await take(stream, 1)
    test.log.remove('t')
    await test.checkPositions()
    await new Promise(setImmediate)
    test.publish(1, 2)
    await new Promise(setImmediate)
    expect(stream.take()).toBeNull()
    expect(await take(stream, 1)).toMatchObject([{ body: { head: 2 }, opening: { status: 'snapshot', gap: true } }])
  })
})

describe('a stream that knows of the first event before the others do', () => {
  it('is not given an event twice that comes while it reads', async () => {
    const gate = Promise.withResolvers<void>()
    let ends = 0
    const test = openHub({ delay: async (what) => (what === 'read ends' && ++ends === 4 ? gate.promise : undefined) })
    await test.open()
    test.lose(1)
    const stream = await test.open()
    expect(stream.take()).toMatchObject({ body: { head: 1 } })
    expect(stream.live.position.epoch).toBe(test.log.head('never written').epoch)
    const items = take(stream, 2)
    await new Promise(setImmediate)
    expect([ends, stream.live.position]).toEqual([4, { epoch: test.log.head('t').epoch, offset: 1 }])
    test.publish(2)
    gate.resolve()
    await new Promise(setImmediate)
    test.publish(3)
    expect(numbers(await items)).toEqual([2, 3])
  })
})

describe('a topic that is made while it is listened to, without an event', () => {
  it('is not told of, and goes on in its own epoch', async () => {
    const test = openHub()
    const stream = await test.open()
    await take(stream, 1)
    await test.log.write(({ log }) => log.ensure('t', 0))
    await test.checkPositions()
    await new Promise(setImmediate)
    expect(stream.upToDate).toBe(true)
    expect(stream.cursor).toBe(formatCursor(test.log.head('t')))
    const before = test.log.reads
    test.publish(1)
    expect(numbers(await take(stream, 1))).toEqual([1])
    expect(test.log.reads).toBe(before)
  })
})
