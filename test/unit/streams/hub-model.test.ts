import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCursor, type Position } from '../../../src/core/cursor.ts'
import type { StreamItem, TopicStream } from '../../../src/services/streams/stream.ts'
import { openHub, type TestHub } from './open-hub.ts'

type Fate = 'deliver' | 'lose' | 'double' | 'delay'
type From = 'cursor' | 'earliest' | 'now'

/** What the world does to a topic and to those who read it. */
type Action =
  /** What the bus makes of each new event. */
  | { readonly type: 'publish'; readonly fates: readonly Fate[] }
  | { readonly type: 'deliverDelayed' }
  | { readonly type: 'trim'; readonly keep: number }
  | { readonly type: 'renewEpoch' }
  | { readonly type: 'take'; readonly who: number; readonly count: number }
  | { readonly type: 'cut'; readonly who: number }
  | { readonly type: 'reconnect'; readonly who: number; readonly from: From; readonly onGap: 'snapshot' | 'error' }
  | { readonly type: 'checkPositions' }
  | { readonly type: 'pass'; readonly steps: number }

const who = fc.nat({ max: 1 })

function weighted<Type extends Action['type'], Rest>(
  weight: number,
  type: Type,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
) {
  return { weight, arbitrary: fc.record({ type: fc.constant(type), ...rest }) }
}

const fates = fc.oneof(
  fc.array(fc.constantFrom<Fate>('deliver', 'lose', 'double', 'delay'), { minLength: 1, maxLength: 8 }),
  // More than is read, and more than is kept at hand, at once.
  fc
    .record({ fate: fc.constantFrom<Fate>('deliver', 'lose'), count: fc.constantFrom(70, 300) })
    .map(({ fate, count }) => Array<Fate>(count).fill(fate)),
)

// The arbitraries are those of the actions above.
const action = fc.oneof(
  weighted(6, 'publish', { fates }),
  weighted(1, 'deliverDelayed', {}),
  weighted(2, 'trim', { keep: fc.nat({ max: 4 }) }),
  weighted(1, 'renewEpoch', {}),
  weighted(8, 'take', { who, count: fc.constantFrom(1, 2, 5, 100) }),
  weighted(2, 'cut', { who }),
  weighted(4, 'reconnect', {
    who,
    from: fc.constantFrom<From>('cursor', 'cursor', 'cursor', 'earliest', 'now'),
    onGap: fc.constantFrom<'snapshot' | 'error'>('snapshot', 'error'),
  }),
  weighted(1, 'checkPositions', {}),
  weighted(8, 'pass', { steps: fc.constantFrom(1, 2, 5, 100) }),
) as fc.Arbitrary<Action>

/** One who reads the topic, and checks with each item that nothing was passed over in silence. */
class Subscriber {
  readonly #test: TestHub
  readonly #world: World
  #stream: TopicStream | null = null
  #opening = false
  #pulling = false
  #cuts = 0
  position: Position | null = null

  constructor(test: TestHub, world: World) {
    this.#test = test
    this.#world = world
  }

  get isIdle(): boolean {
    return !this.#opening && this.#stream === null
  }

  get isPulling(): boolean {
    return this.#pulling
  }

  async open(from: From, onGap: 'snapshot' | 'error'): Promise<void> {
    if (!this.isIdle) return
    this.#opening = true
    const cuts = this.#cuts
    if (from !== 'cursor') this.position = null
    const { position } = this
    const after = position === null ? from : `c1.${position.epoch}.${position.offset.toString(36)}`
    try {
      const stream = await this.#test.open({ after: after === 'cursor' ? null : after, onGap })
      if (this.#cuts === cuts) this.#stream = stream
      else await stream.return()
      // `earliest` starts before what is kept, without a snapshot.
      this.position ??= after === 'earliest' ? parseCursor(stream.cursor) : null
    } catch (error) {
      this.#refuse(error, onGap)
    } finally {
      this.#opening = false
    }
  }

  async take(count: number): Promise<void> {
    const stream = this.#stream
    if (stream === null || this.#pulling) return
    this.#pulling = true
    try {
      for (let taken = 0; taken < count && this.#stream === stream; taken += 1) {
        const result = await stream.next()
        if (this.#stream !== stream) return
        if (result.done === true) this.#stream = null
        else this.#see(result.value)
      }
    } catch (error) {
      this.#stream = null
      this.#refuse(error, 'error')
    } finally {
      this.#pulling = false
    }
  }

  cut(): void {
    this.#cuts += 1
    void this.#stream?.return()
    this.#stream = null
  }

  #see({ body, cursor, opening }: StreamItem): void {
    const now = parseCursor(cursor)
    if (now === null) throw new Error(`${cursor} is no cursor`)
    const before = this.position
    if ('head' in body) {
      expect(body['head']).toBe(now.offset)
      if (before !== null) {
        expect(opening).toEqual({ status: 'snapshot', gap: true, replayed: 0 })
        expect(this.#world.mayHaveGap(before)).toBe(true)
      } else expect(opening).toEqual({ status: 'fresh', gap: false, replayed: 0 })
    } else {
      expect(before?.epoch).toBe(now.epoch)
      expect(now.offset).toBe((before?.offset ?? -1) + 1)
      expect(body['n']).toBe(now.offset)
    }
    this.position = now
  }

  #refuse(error: unknown, onGap: 'snapshot' | 'error'): void {
    expect(onGap).toBe('error')
    expect(error).toMatchObject({ name: 'Refusal', code: expect.stringMatching(/^CURSOR_(EXPIRED|EPOCH)$/) })
    expect(this.position !== null && this.#world.mayHaveGap(this.position)).toBe(true)
    this.position = null
  }
}

/** What really happened to the topic. */
class World {
  epoch = ''
  trimmed = 0

  mayHaveGap(before: Position): boolean {
    return before.epoch !== this.epoch || before.offset < this.trimmed
  }
}

async function live(scheduler: fc.Scheduler, actions: readonly Action[]): Promise<void> {
  const test = openHub({
    acknowledge: () => scheduler.schedule(Promise.resolve(), 'acknowledge'),
    delay: (what) => scheduler.schedule(Promise.resolve(), what),
  })
  const world = new World()
  const subscribers = [new Subscriber(test, world), new Subscriber(test, world)] as const
  const subscriberOf = (number: number) => (number === 0 ? subscribers[0] : subscribers[1])
  const delayed: (() => void)[] = []
  const running: Promise<unknown>[] = []
  let n = 0

  const publish = (fate: 'deliver' | 'lose' | 'double' | 'delay') => {
    n += 1
    const event = test.log.append('t', { n })
    const deliver = () => test.bus.deliver(event)
    if (fate === 'delay') delayed.push(deliver)
    if (fate === 'deliver' || fate === 'double')
      running.push(scheduler.schedule(Promise.resolve(), 'bus').then(deliver))
    if (fate === 'double') running.push(scheduler.schedule(Promise.resolve(), 'bus again').then(deliver))
  }

  const perform = {
    publish: ({ fates }) => fates.forEach(publish),
    deliverDelayed: () => delayed.splice(0).forEach((deliver) => deliver()),
    trim: ({ keep }) => {
      world.trimmed = Math.max(world.trimmed, n - keep)
      test.log.trim('t', n - keep)
    },
    renewEpoch: () => {
      test.log.renewEpoch('t')
      world.epoch = test.log.head('t')?.epoch ?? ''
    },
    take: ({ who, count }) => running.push(subscriberOf(who).take(count)),
    cut: ({ who }) => subscriberOf(who).cut(),
    reconnect: ({ who, from, onGap }) => {
      subscriberOf(who).cut()
      running.push(subscriberOf(who).open(from, onGap))
    },
    checkPositions: () => running.push(test.checkPositions()),
    pass: async ({ steps }) => {
      for (let step = 0; step < steps && scheduler.count() > 0; step += 1) await scheduler.waitNext(1)
    },
  } satisfies { [Type in Action['type']]: (action: Extract<Action, { type: Type }>) => unknown }

  publish('lose')
  world.epoch = test.log.head('t')?.epoch ?? ''
  for (const step of actions) {
    // Each action goes to the function of its own type.
    await (perform[step.type] as (action: Action) => unknown)(step)
  }
  for (const subscriber of subscribers) await settle(scheduler, test, subscriber, running)
  const head = test.log.head('t')
  for (const { position } of subscribers) expect(position).toEqual({ epoch: head?.epoch, offset: head?.offset })
  for (const subscriber of subscribers) subscriber.cut()
  await pump(scheduler)
  await Promise.all(running)
  await test.hub[Symbol.asyncDispose]()
}

async function pump(scheduler: fc.Scheduler): Promise<void> {
  await scheduler.waitIdle()
  await new Promise(setImmediate)
}

/** From here on nothing more happens to the topic, and the subscriber must come to its head. */
async function settle(
  scheduler: fc.Scheduler,
  test: TestHub,
  subscriber: Subscriber,
  running: Promise<unknown>[],
): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    await pump(scheduler)
    if (scheduler.count() > 0) continue
    const head = test.log.head('t')
    const { position } = subscriber
    const isThere = position?.epoch === head?.epoch && position?.offset === head?.offset
    if (isThere && !subscriber.isIdle) break
    if (subscriber.isIdle) running.push(subscriber.open('cursor', 'snapshot'))
    else if (!subscriber.isPulling) running.push(subscriber.take(1_000))
    else running.push(test.checkPositions())
  }
}

describe('whatever happens to a topic, its bus and its subscriber', () => {
  it('each subscriber sees each event once and in order, or is told of a gap, and comes to the head', async () => {
    const actions = fc.array(action, { minLength: 10, maxLength: 60 })
    await fc.assert(fc.asyncProperty(fc.scheduler(), actions, live), { numRuns: 200 })
  })
})
