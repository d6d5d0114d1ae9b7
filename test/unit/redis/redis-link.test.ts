import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OpenedRedis } from '../../../src/adapters/redis/open-redis.ts'
import { openRedisLink } from '../../../src/adapters/redis/redis-link.ts'
import type { RedisLine } from '../../../src/adapters/redis/redis-line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A connection that the test breaks and makes. */
function scriptedLine() {
  const listeners = new Set<() => void>()
  const line = {
    isUp: false,
    renewed: 0,
    onChange(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    renew() {
      line.renewed += 1
    },
    turn(isUp: boolean) {
      line.isUp = isUp
      for (const listener of listeners) listener()
    },
    listeners,
  }
  return line
}

function openLink({ subscribeAgain = () => Promise.resolve() } = {}) {
  const [commands, subscriptions] = [scriptedLine(), scriptedLine()]
  const changes: boolean[] = []
  const pulses: number[] = []
  // A link looks at nothing else of a line.
  const lines = { commands, subscriptions } as unknown as { commands: RedisLine; subscriptions: RedisLine }
  const redis: OpenedRedis = { ...lines, problem: () => null, [Symbol.asyncDispose]: async () => undefined }
  const link = openRedisLink({
    redis,
    subscribeAgain,
    sendPulse: (pulse) => pulses.push(pulse),
    onChange: (isLive) => changes.push(isLive),
  })
  return {
    link,
    commands,
    subscriptions,
    changes,
    pulses,
    /** Everything that was sent comes back. */
    answer: () => pulses.splice(0).forEach((pulse) => link.heard(pulse)),
    settled: () => vi.advanceTimersByTimeAsync(0),
  }
}

async function openLive() {
  const test = openLink()
  test.commands.turn(true)
  test.subscriptions.turn(true)
  await test.settled()
  test.answer()
  expect(test.link.isLive).toBe(true)
  return test
}

describe('the link to Redis', () => {
  it('is live once both connections are up, all is subscribed and a message has come back', async () => {
    const subscribed = Promise.withResolvers<void>()
    const test = openLink({ subscribeAgain: () => subscribed.promise })
    test.commands.turn(true)
    await test.settled()
    test.subscriptions.turn(true)
    await test.settled()
    expect(test.pulses).toEqual([])
    subscribed.resolve()
    await test.settled()
    expect([test.pulses.length, test.link.isLive]).toEqual([1, false])
    test.answer()
    expect([test.link.isLive, test.changes]).toEqual([true, [true]])
  })

  it('is not live any more when either connection is lost, and not by a message of the time before', async () => {
    for (const name of ['commands', 'subscriptions'] as const) {
      const test = await openLive()
      await vi.advanceTimersByTimeAsync(1000)
      const late = test.pulses.splice(0)
      test[name].turn(false)
      expect(test.changes).toEqual([true, false])
      test[name].turn(true)
      await test.settled()
      for (const pulse of late) test.link.heard(pulse)
      expect(test.link.isLive).toBe(false)
      test.answer()
      expect(test.changes).toEqual([true, false, true])
    }
  })

  it('is not live when three messages to itself did not come back, and has the connections made anew', async () => {
    const test = await openLive()
    await vi.advanceTimersByTimeAsync(3000)
    expect([test.pulses.length, test.link.isLive]).toEqual([3, true])
    await vi.advanceTimersByTimeAsync(1000)
    expect([test.link.isLive, test.commands.renewed, test.subscriptions.renewed]).toEqual([false, 1, 1])
    test.answer()
    expect(test.link.isLive).toBe(false)
  })

  it('stays live while they come back, however late this process is itself', async () => {
    const test = await openLive()
    for (let second = 0; second < 30; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      if (second % 3 === 2) test.answer()
    }
    expect(test.changes).toEqual([true])
  })

  it('has the connections made anew when a subscription is not acknowledged', async () => {
    const test = openLink({ subscribeAgain: () => Promise.reject(new Error('Command timed out')) })
    test.commands.turn(true)
    test.subscriptions.turn(true)
    await test.settled()
    expect([test.link.isLive, test.commands.renewed, test.subscriptions.renewed]).toEqual([false, 1, 1])
  })

  it('does nothing more once it is closed', async () => {
    const test = await openLive()
    test.link[Symbol.dispose]()
    test.link.renew()
    await vi.advanceTimersByTimeAsync(10_000)
    expect([test.pulses, test.commands.renewed, test.commands.listeners.size, vi.getTimerCount()]).toEqual([
      [],
      0,
      0,
      0,
    ])
  })
})
