import { describe, expect, it } from 'vitest'
import { collectingLogger } from '../support/collecting-logger.ts'
import { eventually } from '../support/eventually.ts'
import { busKinds, type OpenBuses } from './fixtures/buses.ts'

/** A listener that keeps what it hears, and whose `heard(n)` resolves once it has heard so many messages. */
function collector() {
  const messages: unknown[] = []
  let check = () => undefined as void
  return {
    messages,
    listener(message: unknown) {
      messages.push(message)
      check()
    },
    heard: (count: number) =>
      new Promise<readonly unknown[]>((resolve) => {
        check = () => {
          if (messages.length >= count) resolve(messages)
        }
        check()
      }),
  }
}

describe.each(busKinds)('$name', ({ open }) => {
  it('brings what is published after the acknowledgement to every listener of the channel, in order', async () => {
    await using buses = await open(collectingLogger())
    const { bus, other } = buses
    const [one, two] = [collector(), collector()]
    await bus.subscribe('c', one.listener)
    await other.subscribe('c', two.listener)
    for (const n of [1, 2, 3]) bus.publish('c', { n })
    expect(await one.heard(3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(await two.heard(3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it('brings a message to both ends once, whichever it was published at', async () => {
    await using buses = await open(collectingLogger())
    const { bus, other } = buses
    const ends = [collector(), collector()]
    await bus.subscribe('c', (message) => ends[0]?.listener(message))
    await other.subscribe('c', (message) => ends[1]?.listener(message))
    bus.publish('c', 'here')
    other.publish('c', 'there')
    await Promise.all(ends.map((end) => end.heard(2)))
    bus.publish('c', 'last')
    await Promise.all(ends.map((end) => end.heard(3)))
    for (const { messages } of ends) {
      expect(messages.map(String).toSorted()).toEqual(['here', 'last', 'there'])
      expect(messages[2]).toBe('last')
    }
  })

  it('is subscribed to again although it was just left, however often', async () => {
    await using buses = await open(collectingLogger())
    const { bus, other } = buses
    for (let round = 0; round < 20; round += 1) {
      const stop = await bus.subscribe('c', () => undefined)
      stop()
    }
    const heard = collector()
    await bus.subscribe('c', heard.listener)
    other.publish('c', 'here')
    expect(await heard.heard(1)).toEqual(['here'])
  })

  it('is live from the beginning, and says nothing of its state while nothing changes', async () => {
    await using buses = await open(collectingLogger())
    const changes: boolean[] = []
    buses.bus.onChange((isLive) => changes.push(isLive))
    const heard = collector()
    await buses.bus.subscribe('c', heard.listener)
    for (let n = 0; n < 100; n += 1) buses.other.publish('c', n)
    expect(await heard.heard(100)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect([buses.bus.isLive, changes]).toEqual([true, []])
  })

  it('keeps channels apart', async () => {
    await using buses = await open(collectingLogger())
    const { bus } = buses
    const [a, b] = [collector(), collector()]
    await bus.subscribe('a', a.listener)
    await bus.subscribe('b', b.listener)
    bus.publish('a', 1)
    bus.publish('b', 2)
    await Promise.all([a.heard(1), b.heard(1)])
    expect([a.messages, b.messages]).toEqual([[1], [2]])
  })

  it('brings nothing to who has ended the subscription, and goes on for the others', async () => {
    await using buses = await open(collectingLogger())
    const { bus } = buses
    const [gone, here] = [collector(), collector()]
    const stop = await bus.subscribe('c', gone.listener)
    const stopHere = await bus.subscribe('c', here.listener)
    stop()
    stop()
    bus.publish('c', 1)
    await here.heard(1)
    stopHere()
    const last = collector()
    await bus.subscribe('c', last.listener)
    for (const again of [stop, stopHere]) again()
    bus.publish('c', 2)
    await last.heard(1)
    expect([gone.messages, here.messages]).toEqual([[], [1]])
  })

  it('lets one listener subscribe twice, and end one of the two', async () => {
    await using buses = await open(collectingLogger())
    const { bus } = buses
    const both = collector()
    const stop = await bus.subscribe('c', both.listener)
    await bus.subscribe('c', both.listener)
    bus.publish('c', 1)
    expect(await both.heard(2)).toEqual([1, 1])
    stop()
    bus.publish('c', 2)
    expect(await both.heard(3)).toEqual([1, 1, 2])
  })

  it('brings messages as JSON carries them, and nothing that is changed after it was published', async () => {
    await using buses = await open(collectingLogger())
    const { bus } = buses
    const heard = collector()
    await bus.subscribe('c', heard.listener)
    const message = { at: new Date(0), nothing: undefined, list: [1, undefined], text: '🌊 \u2028 "quoted"' }
    bus.publish('c', message)
    message.list.push(2)
    expect(await heard.heard(1)).toEqual([
      { at: '1970-01-01T00:00:00.000Z', list: [1, null], text: '🌊 \u2028 "quoted"' },
    ])
  })

  it('keeps the order for every listener although one of them publishes', async () => {
    await using buses = await open(collectingLogger())
    const { bus } = buses
    const heard = collector()
    await bus.subscribe('c', (message) => {
      if (message === 1) bus.publish('c', 2)
    })
    await bus.subscribe('c', heard.listener)
    bus.publish('c', 1)
    expect(await heard.heard(2)).toEqual([1, 2])
  })

  it('goes on after a listener that throws, and says so in the log', async () => {
    const logger = collectingLogger()
    await using buses = await open(logger)
    const { bus } = buses
    const heard = collector()
    await bus.subscribe('c', () => {
      throw new Error('broken listener')
    })
    await bus.subscribe('c', heard.listener)
    bus.publish('c', 1)
    expect(await heard.heard(1)).toEqual([1])
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { error: 'Error: broken listener' } }])
  })

  it('takes nothing more once it is closed, and can be closed twice', async () => {
    await using buses = await open(collectingLogger())
    const { bus } = buses
    const heard = collector()
    await bus.subscribe('c', heard.listener)
    await bus[Symbol.asyncDispose]()
    await bus[Symbol.asyncDispose]()
    bus.publish('c', 1)
    await expect(bus.subscribe('c', heard.listener)).rejects.toThrow('The bus is closed.')
    await new Promise(setImmediate)
    expect(heard.messages).toEqual([])
  })
})

describe.each(busKinds.filter(({ hasLine }) => hasLine))('$name that is cut off', ({ open }) => {
  it('says so to all who ask to hear it, and when it is live again', async () => {
    await using buses = await open(collectingLogger())
    const changes: boolean[] = []
    const deaf: boolean[] = []
    buses.bus.onChange((isLive) => changes.push(isLive))
    const stop = buses.bus.onChange((isLive) => deaf.push(isLive))
    stop()
    stop()
    await cut(buses)
    expect(changes).toEqual([false])
    await heal(buses)
    expect(changes).toEqual([false, true])
    expect(deaf).toEqual([])
  })

  it('still brings to its own listeners what is published here', async () => {
    await using buses = await open(collectingLogger())
    const heard = collector()
    await buses.bus.subscribe('c', heard.listener)
    await cut(buses)
    for (const n of [1, 2, 3]) buses.bus.publish('c', n)
    expect(await heard.heard(3)).toEqual([1, 2, 3])
  })

  it('takes subscriptions without waiting, and brings them what others publish once it is live again', async () => {
    await using buses = await open(collectingLogger())
    const [before, during] = [collector(), collector()]
    await buses.bus.subscribe('before', before.listener)
    await cut(buses)
    await buses.bus.subscribe('during', during.listener)
    const stop = await buses.bus.subscribe('left again', () => undefined)
    stop()
    buses.bus.publish('during', 'here')
    expect(await during.heard(1)).toEqual(['here'])
    await heal(buses)
    buses.other.publish('before', 1)
    buses.other.publish('during', 2)
    expect(await during.heard(2)).toEqual(['here', 2])
    expect(await before.heard(1)).toEqual([1])
  })

  it('can be closed, and can be cut off more than once', async () => {
    await using buses = await open(collectingLogger())
    const heard = collector()
    await buses.bus.subscribe('c', heard.listener)
    for (const round of [1, 2, 3]) {
      await cut(buses)
      await heal(buses)
      buses.other.publish('c', round)
      await heard.heard(round)
    }
    expect(heard.messages).toEqual([1, 2, 3])
    await cut(buses)
    await buses.bus[Symbol.asyncDispose]()
  })
})

async function cut({ bus, line }: OpenBuses): Promise<void> {
  await line?.cut()
  await eventually(() => !bus.isLive)
}

async function heal({ bus, line }: OpenBuses): Promise<void> {
  await line?.heal()
  await eventually(() => bus.isLive)
}
