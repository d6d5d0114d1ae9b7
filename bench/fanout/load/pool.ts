import { setTimeout as sleep } from 'node:timers/promises'
import { type Control, connectControl } from '../control.ts'
import type { ServerFacts } from '../messages.ts'
import { defaultSize } from '../system.ts'
import { openPoller } from './poller.ts'
import { openSubscriber, type Subscriber } from './subscriber.ts'
import { createTally, receiveMore, type Tally } from './tally.ts'

/** Clients of one system. */
export interface Pool extends Disposable {
  readonly subscribers: readonly Subscriber[]
  /** Who was let in and reads nothing any more. */
  readonly stalled: readonly Subscriber[]
  readonly tally: Tally
  readonly control: Control
  readonly server: ServerFacts
  /** Rejects when the server ends a client that reads. */
  readonly failed: Promise<never>
  /** Publishes, and resolves when all have received it. Rejects when one gets it twice, or not in time. */
  publish(count: number, size: number): Promise<void>
}

/** Connections that are on their way at once: more than the kernel queues would be refused and wait a second. */
const underWay = 200

/** The longest that a burst may take to reach everybody, in ms. */
const deadlineMs = 60_000

/** Opens clients, some of which stall at once; resolves when each of the others has received an event. */
export async function openPool(server: ServerFacts, clients: number, stalling = 0): Promise<Pool> {
  const tally = createTally()
  const control = await connectControl(server.controlPort)
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => undefined)
  const onLost = (reason: string) => reject(new Error(`The server lost a client: ${reason}`))
  const open = (lost: (reason: string) => void) => {
    const options = { port: server.port, greeting: server.greeting, tally, after: null, onLost: lost }
    return server.greeting.transport === 'poll' ? openPoller(options) : openSubscriber(options)
  }
  const stalled = await connectAll(stalling, () => open(() => undefined))
  for (const subscriber of stalled) subscriber.stall()
  const subscribers = await connectAll(clients, () => open(onLost))
  /** What each had received when all were there. */
  let first: readonly number[] = []
  let published = 0
  const pool: Pool = {
    subscribers,
    stalled,
    tally,
    control,
    server,
    failed,
    async publish(count, size) {
      published += count
      const all = receiveMore(tally, count * clients, deadlineMs)
      control.publish(count, size)
      await Promise.race([all, failed])
      const uneven = subscribers.find((subscriber, index) => received(subscriber) !== (first[index] ?? 0) + published)
      if (uneven !== undefined) throw new Error('A client did not receive each event once.')
    },
    [Symbol.dispose]() {
      for (const subscriber of [...subscribers, ...stalled]) subscriber.close()
      control[Symbol.dispose]()
    },
  }
  await warmUp(pool)
  first = subscribers.map(received)
  return pool
}

/** Opens clients, a few at a time, until all listen. */
export async function connectAll(clients: number, open: (index: number) => Subscriber): Promise<readonly Subscriber[]> {
  const subscribers: Subscriber[] = []
  let next = 0
  async function connectOn(): Promise<void> {
    while (next < clients) {
      const index = next
      next += 1
      const subscriber = open(index)
      subscribers[index] = subscriber
      await subscriber.ready
    }
  }
  await Promise.all(Array.from({ length: Math.min(underWay, clients) }, connectOn))
  return subscribers
}

/** Some systems do not tell when a client listens: an event is told until it reaches everybody. */
async function warmUp({ subscribers, tally, control, failed }: Pool): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    await sleep(50)
    const before = subscribers.map(received)
    const goal = tally.received + subscribers.length
    control.publish(1, defaultSize)
    const deadline = performance.now() + 5_000
    while (tally.received < goal && performance.now() < deadline) await Promise.race([sleep(5), failed])
    // What came late of an earlier one must not be counted later.
    await sleep(50)
    if (subscribers.every((subscriber, index) => received(subscriber) === (before[index] ?? 0) + 1)) return
  }
  throw new Error('An event does not reach all clients.')
}

function received(subscriber: Subscriber | undefined): number {
  return subscriber?.received ?? 0
}
