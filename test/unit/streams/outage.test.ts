import { describe, expect, it } from 'vitest'
import { createHub } from '../../../src/services/streams/hub.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { createMemoryLog } from '../../support/memory-log.ts'
import { createScriptedBus } from '../../support/scripted-bus.ts'
import { numbers, openAtHead, openHub, take } from './open-hub.ts'

const settled = () => new Promise(setImmediate)

describe('a hub whose bus is not live', () => {
  it('looks into the log again and again, and gives what it finds once and in order', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    test.bus.turn(false)
    test.lose(1, 2)
    await test.lookInOutage()
    test.lose(3)
    await test.lookInOutage()
    expect(numbers(await take(stream, 3))).toEqual([1, 2, 3])
  })

  it('looks once more when messages come through again, and then no more', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    test.bus.turn(false)
    expect(test.isLookingInOutage).toBe(true)
    test.lose(1)
    test.bus.turn(true)
    expect(test.isLookingInOutage).toBe(false)
    expect(numbers(await take(stream, 1))).toEqual([1])
    test.publish(2)
    expect(numbers(await take(stream, 1))).toEqual([2])
  })

  it('gives nothing twice that the bus brings as well', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    test.bus.turn(false)
    const events = [1, 2, 3].map((n) => test.log.append('t', { n }))
    await test.lookInOutage()
    for (const event of events) test.bus.deliver(event)
    test.bus.turn(true)
    for (const event of events) test.bus.deliver(event)
    test.publish(4)
    expect(numbers(await take(stream, 4))).toEqual([1, 2, 3, 4])
  })

  it('looks at once when some messages are known to be lost although the bus is live', async () => {
    const test = openHub()
    const stream = await openAtHead(test)
    test.lose(1)
    test.bus.turn(true)
    expect(numbers(await take(stream, 1))).toEqual([1])
    expect(test.isLookingInOutage).toBe(false)
  })

  it('begins to look when it is opened while the bus is not live, and stops with the hub', async () => {
    const bus = createScriptedBus()
    bus.turn(false)
    let looking = 0
    const repeatInOutage = () => {
      looking += 1
      return () => void (looking -= 1)
    }
    const hub = createHub({ store: createMemoryLog(), bus, logger: collectingLogger(), repeatInOutage })
    bus.turn(false)
    expect([looking, bus.watchers]).toEqual([1, 1])
    await hub[Symbol.asyncDispose]()
    expect([looking, bus.watchers]).toEqual([0, 0])
  })

  it('asks nothing while no stream is open', async () => {
    const test = openHub()
    test.bus.turn(false)
    await test.lookInOutage()
    test.bus.turn(true)
    await settled()
    expect(test.log.reads).toBe(0)
  })

  it('asks once more, however often it is told during a look', async () => {
    const held = { isHeld: false, done: Promise.withResolvers<void>() }
    const test = openHub({
      delay: async (what) => (what === 'read ends' && held.isHeld ? held.done.promise : undefined),
    })
    await openAtHead(test)
    const before = test.log.reads
    held.isHeld = true
    for (let n = 0; n < 10; n += 1) test.bus.turn(true)
    held.done.resolve()
    await settled()
    expect(test.log.reads - before).toBe(2)
  })

  it('compares many topics a few at a time, each in its turn', async () => {
    const asked: number[] = []
    const test = openHub({ heads: (topics) => asked.push(topics.length) })
    const topics = Array.from({ length: 510 }, (_, n) => `topic ${n}`)
    const streams = await Promise.all(
      topics.map((topic) => test.hub.open({ topic, resume: null, snapshot: async () => ({}) })),
    )
    test.bus.turn(false)
    const ends = [streams[0], streams[509]].filter((stream) => stream !== undefined)
    for (const { topic } of ends) test.log.append(topic, { n: 1 })
    for (let look = 0; look < 2; look += 1) await test.lookInOutage()
    expect([asked, ends.length]).toEqual([[500, 10], 2])
    for (const stream of ends) expect(numbers(await take(stream, 2))).toEqual([undefined, 1])
    test.bus.turn(true)
    await settled()
    expect(asked.slice(2)).toEqual([500, 10])
  })

  it('goes on after a look that failed', async () => {
    let fails = true
    const test = openHub({ delay: async () => (fails ? Promise.reject(new Error('no database')) : undefined) })
    fails = false
    const stream = await openAtHead(test)
    fails = true
    test.bus.turn(false)
    test.lose(1)
    await test.lookInOutage()
    expect(test.logger.lines).toMatchObject([{ level: 'warn', fields: { error: 'Error: no database' } }])
    fails = false
    await test.lookInOutage()
    expect(numbers(await take(stream, 1))).toEqual([1])
  })

  it('misses nothing that is committed while a stream opens and the bus comes back', async () => {
    const first = Promise.withResolvers<void>()
    let reads = 0
    const test = openHub({
      async delay(what) {
        if (what === 'read begins') reads += 1
        // The page is read, and is not given before the comparison is.
        if (what === 'read ends' && reads === 1) await first.promise
      },
    })
    test.bus.turn(false)
    const opening = test.open()
    await settled()
    expect(reads).toBe(1)
    test.lose(1)
    test.bus.turn(true)
    await settled()
    first.resolve()
    const stream = await opening
    expect(await take(stream, 2)).toMatchObject([{ body: { head: 0 } }, { body: { n: 1 } }])
  })
})
