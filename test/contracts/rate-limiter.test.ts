import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryRateLimiter } from '../../src/adapters/local/memory-rate-limiter.ts'
import { RateLimitedError } from '../../src/core/errors.ts'
import { limiterKinds } from './fixtures/limiters.ts'

describe.each(limiterKinds)('$name', ({ open }) => {
  it('refuses what is over the number of attempts, with the seconds to wait', async () => {
    await using limiters = await open()
    const limiter = limiters.here('l', { attempts: 2, seconds: 60 })
    await limiter.consume('key')
    await limiters.pass(10_000)
    await limiter.consume('key')
    const refused = await limiter.consume('key').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RateLimitedError)
    expect(refused).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Too many attempts. Try again in 50 seconds.',
      retryAfterSeconds: 50,
    })
    await limiter.consume('another key')
    await limiters.pass(50_000)
    await limiter.consume('key')
  })

  it('lets exactly as many through when a thousand come at once, from both processes', async () => {
    await using limiters = await open()
    const both = [limiters.here, limiters.there].map((openLimiter) => openLimiter('l', { attempts: 5, seconds: 60 }))
    const attempts = both.flatMap((limiter) => Array.from({ length: 500 }, () => limiter.consume('key')))
    const outcomes = await Promise.allSettled(attempts)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })

  it('counts together what has one name, and apart what has another', async () => {
    await using limiters = await open()
    const limit = { attempts: 1, seconds: 60 }
    await limiters.here('one', limit).consume('key')
    await expect(limiters.there('one', limit).consume('key')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await limiters.there('other', limit).consume('key')
  })

  it('uses up as many as an attempt costs, and refuses one that costs more than is left', async () => {
    await using limiters = await open()
    const limiter = limiters.here('l', { attempts: 10, seconds: 60 })
    for (let i = 0; i < 3; i += 1) await limiter.consume('key', 3)
    await expect(limiter.consume('key', 3)).rejects.toMatchObject({ retryAfterSeconds: 60 })
    // What was refused has cost as much.
    await expect(limiter.consume('key')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await limiters.pass(60_000)
    await limiter.consume('key', 10)
    await expect(limiter.consume('key')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('forgets a key on request, whoever asks', async () => {
    await using limiters = await open()
    const [here, there] = [limiters.here, limiters.there].map((each) => each('l', { attempts: 1, seconds: 60 }))
    await here?.consume('key')
    await there?.reset('key')
    await here?.reset('never seen')
    await here?.consume('key')
    await expect(there?.consume('key')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })
})

describe('a rate limiter in memory', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

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
