import { createHmac, createSecretKey } from 'node:crypto'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { RateLimitedError } from '../../core/errors.ts'
import { deriveKey } from '../../core/secrets.ts'
import type { OpenRateLimiter } from '../../ports/rate-limiter.ts'
import type { OpenedRedis } from './open-redis.ts'

export interface RedisRateLimiterOptions {
  readonly redis: OpenedRedis
  /** Installations that share a Redis do not count together. */
  readonly installation: string
  /** The root secret. */
  readonly secret: string
  /** Counts in this process while Redis does not. */
  readonly fallback: OpenRateLimiter
}

/** How long Redis may take to count, and for how long it is not asked after it took longer, in ms. */
const answerMs = 250
const pauseMs = 1000

/**
 * Limiters that count in Redis, in one step, for all processes of the installation. Where Redis is away, slow or refuses, the
 * attempt is counted in this process instead, which Redis may have counted as well. Keys are
 * hashed with a key of their own: who can read Redis learns no address of a person, also not by trying, and none is longer than
 * another.
 */
export function redisOpenRateLimiter(options: RedisRateLimiterOptions): OpenRateLimiter {
  const { redis, installation, secret, fallback } = options
  const hashKey = createSecretKey(deriveKey(secret, 'redis limiter keys, 1'))
  const hashed = (key: string) => createHmac('sha256', hashKey).update(key).digest('base64url')
  let askAgainAt = -Infinity

  /** `null` where Redis does not answer; a refusal of the limiter is thrown. */
  async function ask<T>(work: () => Promise<T>): Promise<T | null> {
    if (!redis.commands.isUp || performance.now() < askAgainAt) return null
    const { promise: late, resolve } = Promise.withResolvers<null>()
    const timer = setTimeout(() => {
      askAgainAt = performance.now() + pauseMs
      resolve(null)
    }, answerMs)
    try {
      return await Promise.race([work(), late])
    } catch (error) {
      if (error instanceof RateLimiterRes) throw refusal(error)
      return null
    } finally {
      clearTimeout(timer)
    }
  }

  return (name, limit) => {
    const own = fallback(name, limit)
    const limiter = new RateLimiterRedis({
      storeClient: redis.commands.client,
      keyPrefix: `millrace:${installation}:limit:${name}`,
      points: limit.attempts,
      duration: limit.seconds,
    })
    return {
      async consume(key, cost = 1) {
        // Redis adds whole numbers.
        const counted = await ask(() => limiter.consume(hashed(key), Math.ceil(cost)))
        if (counted === null) await own.consume(key, cost)
      },
      async reset(key) {
        await Promise.all([own.reset(key), ask(() => limiter.delete(hashed(key)))])
      },
    }
  }
}

function refusal({ msBeforeNext }: RateLimiterRes): RateLimitedError {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000))
  return new RateLimitedError(`Too many attempts. Try again in ${seconds} seconds.`, seconds)
}
