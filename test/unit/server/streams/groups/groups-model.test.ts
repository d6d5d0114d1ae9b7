import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCursor, type Position } from '../../../../../src/core/cursor.ts'
import type { Subscriber } from '../../../../../src/server/streams/groups/subscriber.ts'
import { openGroups, settle, type TestGroups, TestSink } from './open-groups.ts'

type Fate = 'deliver' | 'lose' | 'double' | 'delay'

/** What happens to a topic, its subscribers and their sockets. */
type Action =
  | { readonly type: 'publish'; readonly fates: readonly Fate[] }
  | { readonly type: 'deliverDelayed' }
  | { readonly type: 'trim'; readonly keep: number }
  | { readonly type: 'renewEpoch' }
  | { readonly type: 'comeBack'; readonly who: number; readonly from: 'cursor' | 'earliest' | 'now' }
  | { readonly type: 'goAway'; readonly who: number }
  /** The socket has room for so many frames from now on. */
  | { readonly type: 'drain'; readonly who: number; readonly room: number }
  /** It is in doubt whether the client may go on, or no longer. */
  | { readonly type: 'hold' | 'release'; readonly who: number }
  | { readonly type: 'checkPositions' }
  | { readonly type: 'turns'; readonly count: number }

const people = 4
const who = fc.nat({ max: people - 1 })
const fate = fc.constantFrom<Fate>('deliver', 'deliver', 'deliver', 'lose', 'double', 'delay')
const fates = fc.oneof(
  { weight: 9, arbitrary: fc.array(fate, { minLength: 1, maxLength: 8 }) },
  // More than a page, than what is at hand, and than a group holds.
  { weight: 1, arbitrary: fc.constantFrom(70, 300, 600).map((count) => Array<Fate>(count).fill('deliver')) },
)

// The arbitraries are those of the actions above.
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('publish'), fates }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('deliverDelayed') }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('trim'), keep: fc.nat({ max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('renewEpoch') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('comeBack'),
      who,
      from: fc.constantFrom('cursor', 'cursor', 'cursor', 'earliest', 'now'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('goAway'), who }) },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('drain'), who, room: fc.constantFrom(0, 1, 3, 100, 1e9) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('hold', 'release'), who }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('checkPositions') }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('turns'), count: fc.constantFrom(0, 1, 2, 10) }) },
) as fc.Arbitrary<Action>

/** What was really said, and what was forgotten. */
class World {
  readonly events = new Map<string, unknown>()
  epoch = ''
  trimmed = 0

  mayHaveGap(before: Position): boolean {
    return before.epoch !== this.epoch || before.offset < this.trimmed
  }
}

/** A client over all of its connections. */
class Client {
  position: Position | null = null
  sink: TestSink | null = null
  subscriber: Subscriber | null = null
  #seen = 0
  #connections = 0
  /** How much it had when it was held. */
  #heldAt: number | null = null
  readonly #test: TestGroups
  readonly #world: World

  constructor(test: TestGroups, world: World) {
    this.#test = test
    this.#world = world
  }

  async comeBack(from: 'cursor' | 'earliest' | 'now'): Promise<void> {
    this.goAway()
    this.#connections += 1
    const connection = this.#connections
    if (from !== 'cursor') this.position = null
    const begin = from === 'earliest' ? from : null
    const after = this.position === null ? begin : formatCursor(this.position)
    const sink = new TestSink()
    const subscriber = await this.#test.subscribe(sink, { after })
    if (connection !== this.#connections) return subscriber.end()
    this.sink = sink
    this.subscriber = subscriber
    this.#seen = 0
    this.#heldAt = null
  }

  goAway(): void {
    this.look()
    this.#heldAt = null
    this.#connections += 1
    this.subscriber?.end()
    this.subscriber = null
    this.sink = null
  }

  drain(room: number): void {
    if (this.sink === null) return
    this.sink.room = room
    if (room > 0) this.subscriber?.resume()
  }

  hold(): void {
    if (this.sink === null) return
    this.subscriber?.hold()
    this.#heldAt ??= this.sink.received.length
  }

  release(): void {
    if (this.#heldAt !== null) expect(this.sink?.received).toHaveLength(this.#heldAt)
    this.#heldAt = null
    this.subscriber?.release()
  }

  /** Checks what has come: each event follows the one before, or a gap is told that there really may be. */
  look(): void {
    if (this.#heldAt !== null) expect(this.sink?.received).toHaveLength(this.#heldAt)
    for (const { n, position, status, gap } of this.sink?.received.slice(this.#seen) ?? []) {
      const before = this.position
      if (n === null) {
        // Who began at the earliest event has no place before the first frame.
        if (before !== null || status !== 'fresh') expect([status, gap]).toEqual(['snapshot', true])
        else expect(gap).toBe(false)
        if (before !== null) expect(this.#world.mayHaveGap(before)).toBe(true)
      } else {
        expect(this.#world.events.get(formatCursor(position))).toBe(n)
        if (before !== null) {
          // A log that was never written begins with its first event.
          const begins = position.offset === 1 && before.offset === 0
          expect(begins || position.epoch === before.epoch).toBe(true)
          expect(position.offset).toBe(before.offset + 1)
        }
      }
      this.position = position
    }
    this.#seen = this.sink?.received.length ?? 0
  }
}

async function live(actions: readonly Action[]): Promise<void> {
  const executing = ({ n }: { readonly n?: unknown }) =>
    Number(n) % 3 === 0 ? new Promise<void>((resolve) => setImmediate(resolve)) : null
  const test = openGroups({ executing, maxBytes: 40_000 })
  const world = new World()
  const clients = Array.from({ length: people }, () => new Client(test, world))
  const delayed: (() => void)[] = []
  let n = 0

  const publish = (fateOf: Fate) => {
    n += 1
    const event = test.log.append('t', { n })
    world.events.set(formatCursor(event), n)
    world.epoch = event.epoch
    const deliver = () => test.bus.deliver(event)
    if (fateOf === 'delay') delayed.push(deliver)
    if (fateOf === 'deliver' || fateOf === 'double') deliver()
    if (fateOf === 'double') deliver()
  }

  const perform = {
    publish: ({ fates: all }) => all.forEach(publish),
    deliverDelayed: () => delayed.splice(0).forEach((deliver) => deliver()),
    trim: ({ keep }) => {
      world.trimmed = Math.max(world.trimmed, n - keep)
      if (n > 0) test.log.trim('t', n - keep)
    },
    renewEpoch: () => {
      if (n === 0) return
      const before = world.epoch
      test.log.renewEpoch('t')
      world.epoch = 'renewed'
      // What is kept stands in the new log at the same places.
      for (const [cursor, said] of world.events) {
        const [, epoch, offset] = cursor.split('.')
        if (epoch === before) renamed.push([offset ?? '', said])
      }
    },
    comeBack: ({ who: one, from }) => clients[one]?.comeBack(from),
    goAway: ({ who: one }) => clients[one]?.goAway(),
    drain: ({ who: one, room }) => clients[one]?.drain(room),
    hold: ({ who: one }) => clients[one]?.hold(),
    release: ({ who: one }) => clients[one]?.release(),
    checkPositions: () => test.checkPositions(),
    turns: ({ count }) => settle(count),
  } satisfies { [Type in Action['type']]: (action: Extract<Action, { type: Type }>) => unknown }
  const renamed: (readonly [string, unknown])[] = []

  for (const one of actions) {
    // Each is performed by the function of its type.
    const done = (perform[one.type] as (action: Action) => unknown)(one)
    if (one.type === 'renewEpoch') {
      const { epoch } = await test.log.read(({ log }) => log.head('t'))
      world.epoch = epoch
      for (const [offset, said] of renamed.splice(0)) world.events.set(`c1.${epoch}.${offset}`, said)
    }
    // Coming back overlaps with what happens next.
    if (one.type === 'turns' || one.type === 'checkPositions') await done
    for (const client of clients) client.look()
  }

  // Everything heals: sockets drain, the bus brings what it held back, positions are compared.
  await settle()
  for (const client of clients) client.release()
  for (const client of clients) client.drain(1e9)
  await settle(10)
  await test.checkPositions()
  const isThere = () => clients.every(({ subscriber }) => subscriber?.upToDate !== false)
  // Every third event takes a turn to execute.
  for (let turns = 0; turns < 3 * n + 100 && !isThere(); turns += 1) await settle(1)
  await settle(5)
  const head = await test.log.read(({ log }) => log.head('t'))
  for (const client of clients) {
    client.look()
    if (client.subscriber === null) continue
    expect(client.subscriber.upToDate).toBe(true)
    // Who has had no frame yet has no place.
    expect(client.position ?? head).toMatchObject({ epoch: head.epoch, offset: head.offset })
    client.goAway()
  }
  expect(test.groups.size).toBe(0)
  expect(test.caches.bytes).toBeLessThanOrEqual(40_000)
}

describe('groups of subscribers', () => {
  it('give each client every event once and in order, or tell of the gap', async () => {
    const actions = fc.array(action, { minLength: 1, maxLength: 40 })
    const numRuns = Number(process.env['MODEL_RUNS'] ?? 150)
    await expect(fc.assert(fc.asyncProperty(actions, live), { numRuns })).resolves.toBeUndefined()
  }, 120_000)
})
