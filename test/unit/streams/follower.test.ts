import { describe, expect, it } from 'vitest'
import { at, listening, numbers, openAtHead, openHub, take } from './open-hub.ts'

/** A follower of a topic that has one event, in the place of a parked stream. */
async function openFollowed(options?: Parameters<typeof openHub>[0]) {
  const test = openHub(options)
  test.publish(1)
  const stream = await openAtHead(test)
  const follower = listening()
  stream.park()
  stream.live.follow(follower)
  return { test, stream, follower }
}

/** The live topic alone. */
async function openLive() {
  const test = openHub()
  test.publish(1)
  const { live } = await openAtHead(test)
  return { test, live }
}

describe('a follower', () => {
  it('hears each event after its place once and in order, whatever the bus does, for one read', async () => {
    const { test, stream, follower } = await openFollowed()
    const [two, three, four] = [2, 3, 4].map((n) => test.log.append('t', { n }))
    for (const event of [four, two, three, two, four]) if (event !== undefined) test.bus.deliver(event)
    await new Promise(setImmediate)
    expect(follower.heard).toEqual([2, 3, 4])
    expect(stream.live.position).toEqual(at(test, 4))
  })

  it('is given what somebody else has found in the log', async () => {
    const { test, follower } = await openFollowed()
    test.lose(2, 3)
    await test.open()
    await new Promise(setImmediate)
    expect(follower.heard).toEqual([2, 3])
  })

  it('is given what another stream has found in the log in mid-stream', async () => {
    const test = openHub()
    test.publish(1)
    const [other, stream] = [await openAtHead(test), await openAtHead(test)]
    const follower = listening()
    stream.park()
    stream.live.follow(follower)
    other.park()
    test.publish(2)
    test.lose(3)
    other.seek(at(test, 1))
    expect(numbers(await take(other, 2))).toEqual([2, 3])
    await new Promise(setImmediate)
    expect(follower.heard).toEqual([2, 3])
  })

  it('is given a lost last event by the position check, and hears nothing after it', async () => {
    const { test, stream, follower } = await openFollowed()
    test.log.append('t', { n: 2 }, { last: true })
    await test.checkPositions()
    await new Promise(setImmediate)
    test.log.renewEpoch('t')
    await test.checkPositions()
    await new Promise(setImmediate)
    await stream.return()
    expect(follower.heard).toEqual([2])
  })

  it('is interrupted where the log is another one', async () => {
    const { test, follower } = await openFollowed()
    test.log.renewEpoch('t')
    test.publish(2, 3)
    await test.checkPositions()
    test.publish(4)
    expect(follower.heard).toEqual(['interrupted'])
  })

  it('is interrupted as soon as another stream finds the log to be another one', async () => {
    const { test, follower } = await openFollowed()
    test.log.renewEpoch('t')
    await test.open()
    await new Promise(setImmediate)
    expect(follower.heard).toEqual(['interrupted'])
  })

  it('is not interrupted by a read that saw the log as it was before', async () => {
    const gate = Promise.withResolvers<void>()
    let held = 0
    const test = openHub({ delay: async (what) => (what === 'read ends' && held++ === 1 ? gate.promise : undefined) })
    test.publish(1)
    const stream = await test.open()
    const late = test.open()
    await new Promise(setImmediate)
    test.log.renewEpoch('t')
    await test.checkPositions()
    await new Promise(setImmediate)
    const follower = listening()
    stream.live.follow(follower)
    test.publish(2)
    gate.resolve()
    expect(await take(await late, 2)).toMatchObject([{ opening: { gap: false } }, { opening: { gap: true } }])
    test.publish(3)
    expect(follower.heard).toEqual([2, 3])
  })

  it('is not interrupted by what is forgotten after the bus has brought it', async () => {
    const gate = Promise.withResolvers<void>()
    let slow = false
    const delay = async (what: string) => (slow && what === 'read ends' ? gate.promise : undefined)
    const { test, follower } = await openFollowed({ delay })
    slow = true
    const [two, three] = [test.log.append('t', { n: 2 }), test.log.append('t', { n: 3 })]
    test.log.trim('t', 3)
    test.bus.deliver(three)
    await new Promise(setImmediate)
    test.bus.deliver(two)
    test.bus.deliver(three)
    gate.resolve()
    await new Promise(setImmediate)
    expect(follower.heard).toEqual([2, 3])
  })

  it('is interrupted where events were forgotten before they could be read', async () => {
    const { test, follower } = await openFollowed()
    test.lose(2, 3)
    test.log.trim('t', 2)
    await test.checkPositions()
    await new Promise(setImmediate)
    expect(follower.heard).toEqual(['interrupted'])
  })

  it('that follows again as soon as it is interrupted hears what comes then', async () => {
    const { test, live } = await openLive()
    const after = listening()
    let interruptions = 0
    const interrupted = () => {
      interruptions += 1
      live.follow(after)
    }
    live.follow({ ...listening(), interrupted })
    test.log.renewEpoch('t')
    await test.checkPositions()
    await new Promise(setImmediate)
    test.publish(2)
    expect([interruptions, after.heard]).toEqual([1, [2]])
  })

  it('hears nothing more once it has stopped, also in the middle of an event', async () => {
    const { test, live } = await openLive()
    const [before, after] = [listening(), listening()]
    live.follow(before)
    const heard: unknown[] = []
    const stop = live.follow({
      ...listening(),
      event({ body }) {
        heard.push(body['n'])
        stop()
      },
    })
    live.follow(after)
    test.publish(2, 3)
    await test.hub[Symbol.asyncDispose]()
    expect(heard).toEqual([2])
    expect(before.heard).toEqual([2, 3, 'The hub is closed.'])
    expect(after.heard).toEqual(before.heard)
  })

  it('that begins while an event is told hears what comes after it', async () => {
    const { test, live } = await openLive()
    const second = listening()
    live.follow({ ...listening(), event: ({ offset }) => void (offset === 2 && live.follow(second)) })
    test.publish(2, 3)
    expect(second.heard).toEqual([3])
  })

  it('that brings about an event while it is told one does not turn them round for others', async () => {
    const { test, live } = await openLive()
    const second = listening()
    live.follow({ ...listening(), event: ({ offset }) => void (offset === 2 && test.publish(3)) })
    live.follow(second)
    test.publish(2)
    await new Promise(setImmediate)
    expect(second.heard).toEqual([2, 3])
  })

  it('that throws is interrupted, and harms nobody else', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    const [broken, sound] = [listening(), listening()]
    const event = () => {
      throw new Error('out of order')
    }
    stream.live.follow({ ...broken, event })
    stream.live.follow({ ...listening(), event, interrupted: event })
    stream.live.follow(sound)
    test.publish(2, 3)
    expect([broken.heard, sound.heard]).toEqual([['interrupted'], [2, 3]])
    expect(numbers(await take(stream, 2))).toEqual([2, 3])
    expect(test.logger.lines.map(({ level }) => level)).toEqual(['error', 'error', 'error'])
  })

  it('that throws at the last event is interrupted', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    const broken = listening()
    const event = () => {
      throw new Error('out of order')
    }
    stream.live.follow({ ...broken, event })
    test.bus.deliver(test.log.append('t', { n: 2 }, { last: true }))
    expect(broken.heard).toEqual(['interrupted'])
  })

  it('may return the last stream when it hears the last event', async () => {
    const test = openHub()
    test.publish(1)
    const stream = await openAtHead(test)
    const follower = listening()
    stream.park()
    stream.live.follow({
      ...follower,
      event(heard) {
        follower.event(heard)
        void stream.return()
      },
    })
    test.bus.deliver(test.log.append('t', { n: 2 }, { last: true }))
    await new Promise(setImmediate)
    expect(follower.heard).toEqual([2])
  })

  it('of a hub that is closed already is told so', async () => {
    const test = openHub()
    const { live } = await openAtHead(test)
    await test.hub[Symbol.asyncDispose]()
    const follower = listening()
    live.follow(follower)
    expect(follower.heard).toEqual([])
    await new Promise(setImmediate)
    expect(follower.heard).toEqual(['The hub is closed.'])
  })

  it('fails when the last stream of the topic is returned', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    const follower = listening()
    stream.live.follow(follower)
    await stream.return()
    expect(follower.heard).toEqual([null])
  })
})
