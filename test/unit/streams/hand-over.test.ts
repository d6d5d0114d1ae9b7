import { describe, expect, it } from 'vitest'
import { formatCursor } from '../../../src/core/cursor.ts'
import type { LoggedEvent } from '../../../src/ports/event-log.ts'
import { numbers, openHub, take } from './open-hub.ts'

/**
 * What may happen between history and live, in every order: the bus acknowledges, the read of the log begins and ends,
 * and meanwhile three events are committed and delivered.
 */
const chains = {
  subscriber: ['acknowledge', 'read begins', 'read ends'],
  commits: ['commit 2', 'commit 3', 'commit 4'],
  deliveries: ['deliver 2', 'deliver 3', 'deliver 4'],
} as const

type Step = (typeof chains)[keyof typeof chains][number]

/** All orders in which each chain keeps its own and no event is delivered before it is committed. */
function interleavings(
  rest: readonly (readonly Step[])[] = Object.values(chains),
  done: readonly Step[] = [],
): readonly (readonly Step[])[] {
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

/** Opens a stream while the steps happen in their order, and gives the numbers that it had to give without a position check. */
async function run(steps: readonly Step[], from: 'fresh' | 'cursor'): Promise<readonly unknown[]> {
  const gates = new Map(chains.subscriber.map((name) => [name as string, Promise.withResolvers<void>()]))
  const test = openHub({
    acknowledge: async () => gates.get('acknowledge')?.promise,
    delay: async (what) => gates.get(what)?.promise,
  })
  const events = new Map<string, LoggedEvent>()
  test.log.append('t', { n: 1 })
  const after = formatCursor({ epoch: test.log.head('t')?.epoch ?? '', offset: 1 })
  const opening = test.open(from === 'fresh' ? null : { after, onGap: 'error' })
  for (const step of steps) {
    const [verb, n = ''] = step.split(' ')
    const event = events.get(n)
    if (verb === 'commit') events.set(n, test.log.append('t', { n: Number(n) }))
    else if (event !== undefined) test.bus.deliver(event)
    else gates.get(step)?.resolve()
    await new Promise(setImmediate)
  }
  const stream = await opening
  if (from === 'cursor') return numbers(await take(stream, 3))
  const [snapshot] = await take(stream, 1)
  const head = Number(snapshot?.body['head'])
  return [...Array.from({ length: head - 1 }, (_, index) => index + 2), ...numbers(await take(stream, 4 - head))]
}

describe('the hand-over from history to live', () => {
  const orders = interleavings()

  it('has this many orders of one subscriber and three events', () => {
    expect(orders.length).toBe(420)
  })

  it.each(['fresh', 'cursor'] as const)('from a %s start has no hole and no double in any of them', async (from) => {
    for (const order of orders) expect([order, await run(order, from)]).toEqual([order, [2, 3, 4]])
  })
})
