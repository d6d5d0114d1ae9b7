import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { RateLimitedError } from '../../core/errors.ts'
import type { OpenRateLimiter, RateLimit, RateLimiter } from '../../ports/rate-limiter.ts'

export interface MemoryRateLimiterOptions extends RateLimit {
  /** How many keys are kept; over that the one that was used longest ago is forgotten. */
  readonly maxKeys?: number
}

/** Counts attempts in the memory of this process. */
export function memoryRateLimiter(options: MemoryRateLimiterOptions): RateLimiter {
  const limiter = new RateLimiterMemory({ points: options.attempts, duration: options.seconds })
  const maxKeys = options.maxKeys ?? 50_000
  const keys = new Set<string>()

  async function keep(key: string): Promise<void> {
    keys.delete(key)
    keys.add(key)
    if (keys.size <= maxKeys) return
    const [oldest] = keys
    if (oldest !== undefined) await forget(oldest)
  }

  async function forget(key: string): Promise<void> {
    keys.delete(key)
    await limiter.delete(key)
  }

  return {
    async consume(key, cost = 1) {
      await keep(key)
      try {
        await limiter.consume(key, cost)
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000))
        throw new RateLimitedError(`Too many attempts. Try again in ${seconds} seconds.`, seconds)
      }
    },
    reset: forget,
  }
}

/** Opens limiters that count in the memory of this process. */
export const openMemoryRateLimiter: OpenRateLimiter = (_name, limit) => memoryRateLimiter(limit)
