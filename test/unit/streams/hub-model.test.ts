import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type From, ModelSubscriber } from './model-subscriber.ts'
import { ModelWorld } from './model-world.ts'
import { openHub } from './open-hub.ts'

type Fate = 'deliver' | 'lose' | 'double' | 'delay'

/** What the world does to a topic and to those who read it. */
type Action =
  /** What the bus makes of each new event. */
  | { readonly type: 'publish'; readonly fates: readonly Fate[] }
  | { readonly type: 'close'; readonly fate: Fate }
  | { readonly type: 'deliverDelayed' }
  | { readonly type: 'trim'; readonly keep: number }
  | { readonly type: 'renewEpochs' }
  | { readonly type: 'sleep'; readonly hours: number }
  | { readonly type: 'tidy' }
  | { readonly type: 'take'; readonly who: number; readonly count: number; readonly atHand: boolean }
  | { readonly type: 'follow'; readonly who: number; readonly breaks: boolean }
  | { readonly type: 'stopFollowing'; readonly who: number }
  | { readonly type: 'seek'; readonly who: number }
  | { readonly type: 'cut'; readonly who: number }
  | { readonly type: 'reconnect'; readonly who: number; readonly from: From; readonly onGap: 'snapshot' | 'error' }
  | { readonly type: 'checkPositions' }
  | { readonly type: 'pass'; readonly steps: number }

const who = fc.nat({ max: 2 })
const fate = fc.constantFrom<Fate>('deliver', 'lose', 'double', 'delay')

function weighted<Type extends Action['type'], Rest>(
  weight: number,
  type: Type,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
) {
  return { weight, arbitrary: fc.record({ type: fc.constant(type), ...rest }) }
}

const fates = fc.oneof(
  { weight: 8, arbitrary: fc.array(fate, { minLength: 1, maxLength: 8 }) },
  {
    // More than is read, and more than is kept at hand, at once.
    weight: 1,
    arbitrary: fc
      .record({ fate: fc.constantFrom<Fate>('deliver', 'lose'), count: fc.constantFrom(70, 300, 600) })
      .map(({ fate, count }) => Array<Fate>(count).fill(fate)),
  },
)

// The arbitraries are those of the actions above.
const action = fc.oneof(
  weighted(12, 'publish', { fates }),
  weighted(1, 'close', { fate }),
  weighted(2, 'deliverDelayed', {}),
  weighted(2, 'trim', { keep: fc.nat({ max: 4 }) }),
  weighted(1, 'renewEpochs', {}),
  weighted(2, 'sleep', { hours: fc.constantFrom(1, 40) }),
  weighted(2, 'tidy', {}),
  weighted(16, 'take', { who, count: fc.constantFrom(1, 2, 5, 100), atHand: fc.boolean() }),
  weighted(12, 'follow', { who, breaks: fc.nat({ max: 9 }).map((n) => n === 0) }),
  weighted(4, 'stopFollowing', { who }),
  weighted(6, 'seek', { who }),
  weighted(2, 'cut', { who }),
  weighted(8, 'reconnect', {
    who,
    from: fc.constantFrom<From>('cursor', 'cursor', 'cursor', 'earliest', 'now'),
    onGap: fc.constantFrom<'snapshot' | 'error'>('snapshot', 'error'),
  }),
  weighted(2, 'checkPositions', {}),
  weighted(16, 'pass', { steps: fc.constantFrom(1, 2, 5, 100) }),
) as fc.Arbitrary<Action>

async function live(scheduler: fc.Scheduler, onDemand: boolean, actions: readonly Action[]): Promise<void> {
  const test = openHub({
    acknowledge: () => scheduler.schedule(Promise.resolve(), 'acknowledge'),
    delay: (what) => scheduler.schedule(Promise.resolve(), what),
  })
  const world = new ModelWorld(test, onDemand)
  const subscribers = [new ModelSubscriber(world), new ModelSubscriber(world), new ModelSubscriber(world)] as const
  const subscriberOf = (number: number) => subscribers[number] ?? subscribers[0]
  const delayed: (() => void)[] = []
  const running: Promise<unknown>[] = []

  const publish = (fate: Fate, last: boolean) => {
    const event = world.append(last)
    if (event === null) return
    const deliver = () => test.bus.deliver(event)
    if (fate === 'delay') delayed.push(deliver)
    if (fate === 'deliver' || fate === 'double')
      running.push(scheduler.schedule(Promise.resolve(), 'bus').then(deliver))
    if (fate === 'double') running.push(scheduler.schedule(Promise.resolve(), 'bus again').then(deliver))
  }

  const perform = {
    publish: ({ fates }) => fates.forEach((fate) => publish(fate, false)),
    close: ({ fate }) => publish(fate, true),
    deliverDelayed: () => delayed.splice(0).forEach((deliver) => deliver()),
    trim: ({ keep }) => world.trim(keep),
    renewEpochs: () => world.renewEpochs(),
    sleep: ({ hours }) => test.clock.advance(hours * 3_600_000),
    // No read or write is held up for hours.
    tidy: () => scheduler.count() === 0 && world.tidy(),
    take: ({ who, count, atHand }) => running.push(subscriberOf(who).take(count, atHand)),
    follow: ({ who, breaks }) => subscriberOf(who).follow(breaks),
    stopFollowing: ({ who }) => subscriberOf(who).stopFollowing(),
    seek: ({ who }) => subscriberOf(who).seek(),
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

  for (const step of actions) {
    // Each action goes to the function of its own type.
    await (perform[step.type] as (action: Action) => unknown)(step)
  }
  for (const subscriber of subscribers) await settle(scheduler, world, subscriber, running)
  for (const { position } of subscribers) expect([position, isThere(world, position)]).toEqual([position, true])
  // Whatever a follower expects in vain is written down there, beside those that are made to break.
  const failures = test.logger.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields)
  expect(failures.filter((fields) => !JSON.stringify(fields).includes('This follower breaks.'))).toEqual([])
  for (const subscriber of subscribers) subscriber.cut()
  await pump(scheduler)
  await Promise.all(running)
  await test.hub[Symbol.asyncDispose]()
}

async function pump(scheduler: fc.Scheduler): Promise<void> {
  await scheduler.waitIdle()
  await new Promise(setImmediate)
}

function isThere(world: ModelWorld, position: ModelSubscriber['position']): boolean {
  return position !== null && world.isAtHead(position)
}

/** From here on nothing more happens to the topic, and the subscriber must come to its head. */
async function settle(
  scheduler: fc.Scheduler,
  world: ModelWorld,
  subscriber: ModelSubscriber,
  running: Promise<unknown>[],
): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    await pump(scheduler)
    if (scheduler.count() > 0) continue
    if (isThere(world, subscriber.position) && (!subscriber.isIdle || world.head.closed)) break
    if (subscriber.isIdle) running.push(subscriber.open('cursor', 'snapshot'))
    else if (subscriber.isParked && !subscriber.isFollowing) subscriber.seek()
    else if (!subscriber.isParked && !subscriber.isPulling) running.push(subscriber.take(1_000, false))
    else running.push(world.test.checkPositions())
  }
}

describe('whatever happens to a topic, its bus and its subscribers', () => {
  it('each subscriber sees each event once and in order, or is told of a gap, and comes to the head', async () => {
    const actions = fc.array(action, { minLength: 10, maxLength: 80 })
    await fc.assert(fc.asyncProperty(fc.scheduler(), fc.boolean(), actions, live), {
      numRuns: Number(process.env['MODEL_RUNS'] ?? 300),
    })
  })
})
