import { describe, expect, it } from 'vitest'
import { localBus } from '../../src/adapters/local/local-bus.ts'
import type { Bus } from '../../src/ports/bus.ts'
import type { Logger } from '../../src/ports/logger.ts'
import { collectingLogger } from '../support/collecting-logger.ts'

/** Every bus, each with two ends of one store: what is published at either is heard at both. */
const buses: readonly {
  readonly name: string
  open(logger: Logger): Promise<{ readonly bus: Bus; readonly other: Bus }>
}[] = [
  {
    name: 'the bus within a process',
    async open(logger) {
      const bus = localBus(logger)
      return { bus, other: bus }
    },
  },
]

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

describe.each(buses)('$name', ({ open }) => {
  it('brings what is published after the acknowledgement to every listener of the channel, in order', async () => {
    const { bus, other } = await open(collectingLogger())
    await using _ = bus
    const [one, two] = [collector(), collector()]
    await bus.subscribe('c', one.listener)
    await other.subscribe('c', two.listener)
    for (const n of [1, 2, 3]) bus.publish('c', { n })
    expect(await one.heard(3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(await two.heard(3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it('keeps channels apart', async () => {
    const { bus } = await open(collectingLogger())
    await using _ = bus
    const [a, b] = [collector(), collector()]
    await bus.subscribe('a', a.listener)
    await bus.subscribe('b', b.listener)
    bus.publish('a', 1)
    bus.publish('b', 2)
    await Promise.all([a.heard(1), b.heard(1)])
    expect([a.messages, b.messages]).toEqual([[1], [2]])
  })

  it('brings nothing to who has ended the subscription, and goes on for the others', async () => {
    const { bus } = await open(collectingLogger())
    await using _ = bus
    const [gone, here] = [collector(), collector()]
    const stop = await bus.subscribe('c', gone.listener)
    await bus.subscribe('c', here.listener)
    stop()
    stop()
    bus.publish('c', 1)
    await here.heard(1)
    expect(gone.messages).toEqual([])
  })

  it('lets one listener subscribe twice, and end one of the two', async () => {
    const { bus } = await open(collectingLogger())
    await using _ = bus
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
    const { bus } = await open(collectingLogger())
    await using _ = bus
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
    const { bus } = await open(collectingLogger())
    await using _ = bus
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
    const { bus } = await open(logger)
    await using _ = bus
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
    const { bus } = await open(collectingLogger())
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
