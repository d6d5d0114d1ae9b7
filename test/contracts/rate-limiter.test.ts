import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryRateLimiter } from '../../src/adapters/local/memory-rate-limiter.ts'

describe('a rate limiter in memory', () => {
  // The library reads the time and sets timers by itself.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('refuses what is over the number of attempts, with the seconds to wait', async () => {
    const limiter = memoryRateLimiter({ attempts: 2, seconds: 60 })
    await limiter.consume('key')
    vi.advanceTimersByTime(10_000)
    await limiter.consume('key')
    await expect(limiter.consume('key')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Too many attempts. Try again in 50 seconds.',
      retryAfterSeconds: 50,
    })
    await limiter.consume('another key')
    vi.advanceTimersByTime(50_000)
    await limiter.consume('key')
  })

  it('lets exactly as many through when a thousand come at once', async () => {
    const limiter = memoryRateLimiter({ attempts: 5, seconds: 60 })
    const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, () => limiter.consume('key')))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })

  it('uses up as many as an attempt costs, and refuses one that costs more than is left', async () => {
    const limiter = memoryRateLimiter({ attempts: 10, seconds: 60 })
    for (let i = 0; i < 3; i += 1) await limiter.consume('key', 3)
    await expect(limiter.consume('key', 3)).rejects.toMatchObject({ retryAfterSeconds: 60 })
    // What was refused has cost as much.
    await expect(limiter.consume('key')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    vi.advanceTimersByTime(60_000)
    await limiter.consume('key', 10)
    await expect(limiter.consume('key')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('forgets a key on request', async () => {
    const limiter = memoryRateLimiter({ attempts: 1, seconds: 60 })
    await limiter.consume('key')
    await limiter.reset('key')
    await limiter.reset('never seen')
    await limiter.consume('key')
    await expect(limiter.consume('key')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('keeps a bounded number of keys and drops the one that was used longest ago', async () => {
    const limiter = memoryRateLimiter({ attempts: 1, seconds: 60, maxKeys: 3 })
    for (const key of ['a', 'b', 'c']) await limiter.consume(key)
    await expect(limiter.consume('a')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await limiter.consume('d')
    await expect(limiter.consume('a')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await limiter.consume('b')
    expect(vi.getTimerCount()).toBe(3)
  })
})
