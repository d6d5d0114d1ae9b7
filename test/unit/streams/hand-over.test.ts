import { describe, expect, it } from 'vitest'
import { formatCursor } from '../../../src/core/cursor.ts'
import type { LoggedEvent } from '../../../src/ports/event-log.ts'
import type { StreamItem, TopicStream } from '../../../src/services/streams/stream.ts'
import { openHub } from './open-hub.ts'

/**
 * What may happen between history and live, in every order: the bus acknowledges, the read of the log begins and ends, the
 * subscriber lets a follower hear for it and reads for itself again, and meanwhile three events are committed and delivered.
 */
const opening = ['acknowledge', 'read begins', 'read ends'] as const
const commits = ['commit 2', 'commit 3', 'commit 4'] as const
const deliveries = ['deliver 2', 'deliver 3', 'deliver 4'] as const

type Step = (typeof opening | typeof commits | typeof deliveries)[number] | 'follow' | 'read on'

/** All orders in which each chain keeps its own and no event is delivered before it is committed. */
function interleavings(rest: readonly (readonly Step[])[], done: readonly Step[] = []): readonly (readonly Step[])[] {
  if (rest.every((chain) => chain.length === 0)) return [done]
  return rest.flatMap((chain, index) => {
    const [step] = chain
    if (step === undefined || !isPossible(step, done)) return []
    return interleavings(rest.with(index, chain.slice(1)), [...done, step])
  })
}

function isPossible(step: Step, done: readonly Step[]): boolean {
  return !step.startsWith('deliver') || done.some((earlier) => earlier === step.replace('deliver', 'commit'))
}

/** A subscriber that reads, or parks its stream and lets a follower hear for it. */
class Subscriber {
  readonly seen: number[] = []
  readonly #stream: TopicStream
  #wantsToFollow = false
  #isReading = false
  #stop: (() => void) | null = null

  constructor(stream: TopicStream) {
    this.#stream = stream
  }

  /** Reads until it is up to date and wants to follow. */
  async read(): Promise<void> {
    const stream = this.#stream
    this.#isReading = true
    for (;;) {
      for (let item = stream.take(); item !== null; item = stream.take()) this.#see(item)
      if (this.#wantsToFollow && stream.upToDate) break
      const next = await stream.next()
      if (next.done === true) return
      this.#see(next.value)
    }
    this.#isReading = false
    stream.park()
    this.#stop = stream.live.follow({
      event: ({ offset }) => void this.seen.push(offset),
      interrupted: () => void this.seen.push(NaN),
      failed: () => undefined,
    })
  }

  /** Follows as soon as it is up to date; who waits for an event already has to see that one first. */
  follow(): void {
    this.#wantsToFollow = true
    if (!this.#isReading && this.#stop === null) void this.read()
  }

  readOn(): void {
    this.#wantsToFollow = false
    if (this.#stop !== null) {
      this.#stop()
      this.#stop = null
      const { live, position } = this.#stream
      const offset = this.seen.at(-1)
      this.#stream.seek(offset === undefined ? position : { epoch: live.position.epoch, offset })
    }
    if (!this.#isReading) void this.read()
  }

  end(): void {
    void this.#stream.return()
  }

  /** What a snapshot holds counts as seen. */
  #see({ body, position }: StreamItem): void {
    const from = 'head' in body ? 1 : position.offset
    for (let offset = from; offset <= position.offset; offset += 1) this.seen.push(offset)
  }
}

type From = 'fresh' | 'cursor' | 'blank'

/** The offsets that a subscriber has seen, after the steps happened in their order and without a position check. */
async function run(steps: readonly Step[], from: From, first: 'reads' | 'waits'): Promise<readonly number[]> {
  const gates = new Map(opening.map((name) => [name as string, Promise.withResolvers<void>()]))
  const test = openHub({
    acknowledge: async () => gates.get('acknowledge')?.promise,
    delay: async (what) => gates.get(what)?.promise,
  })
  const events = new Map<string, LoggedEvent>()
  const blank = formatCursor(test.log.head('t'))
  if (from !== 'blank') test.log.append('t', {})
  const after = from === 'blank' ? blank : formatCursor({ ...test.log.head('t'), offset: 1 })
  const opened = test.open(from === 'fresh' ? null : { after, onGap: 'error' }).then((stream) => {
    const subscriber = new Subscriber(stream)
    if (first === 'reads') void subscriber.read()
    return subscriber
  })
  for (const step of steps) {
    const [verb, n = ''] = step.split(' ')
    const event = events.get(n)
    if (verb === 'commit') events.set(n, test.log.append('t', {}))
    else if (step === 'follow') (await opened).follow()
    else if (step === 'read on') (await opened).readOn()
    else if (event !== undefined) test.bus.deliver(event)
    else gates.get(step)?.resolve()
    await new Promise(setImmediate)
  }
  const subscriber = await opened
  const seen = [...subscriber.seen]
  subscriber.end()
  return seen
}

const starts = [
  { from: 'fresh', all: [1, 2, 3, 4] },
  { from: 'cursor', all: [2, 3, 4] },
  { from: 'blank', all: [1, 2, 3] },
] as const

describe('the hand-over from history to live', () => {
  const orders = interleavings([opening, commits, deliveries])

  it('has this many orders of one subscriber and three events', () => {
    expect(orders.length).toBe(420)
  })

  it.each(starts)('from a $from start has no hole and no double in any of them', async ({ from, all }) => {
    for (const order of orders) expect([order, await run(order, from, 'reads')]).toEqual([order, all])
  })
})

describe('the hand-over from reading to following and back', () => {
  const orders = interleavings([[...opening, 'follow', 'read on'], commits, deliveries])
  const ways = starts.flatMap((start) => (['reads', 'waits'] as const).map((first) => ({ ...start, first })))

  it('has this many orders of one subscriber and three events', () => {
    expect(orders.length).toBe(2310)
  })

  it.each(ways)('from a $from start that $first first has no hole and no double', async ({ from, first, all }) => {
    for (const order of orders) expect([order, await run(order, from, first)]).toEqual([order, all])
  })
})
