import { RateLimitedError } from '../../core/errors.ts'
import type { OpenRateLimiter, RateLimiter } from '../../ports/rate-limiter.ts'
import type { Peer } from '../peer.ts'
import { isAmount, isKey } from './read-values.ts'

/** How many limiters there may be. The server has some thirty. */
const maxLimiters = 200
/** As long as a timer can be. */
const maxSeconds = 2_147_483

/** Counts attempts for all members in the primary. `open` makes limiters of bounded memory. */
export function createLimitDesk(open: OpenRateLimiter) {
  const limiters = new Map<string, RateLimiter>()

  /** Throws a sentence for a counter that cannot be. */
  function limiterFor([name, attempts, seconds]: readonly unknown[]): RateLimiter {
    if (!isKey(name) || !isAmount(attempts) || !isAmount(seconds) || seconds > maxSeconds || attempts * seconds === 0) {
      throw new Error('A rate limit has a name, a number of attempts and a number of seconds.')
    }
    // Members of an older and of a newer configuration may be here at once: each limit counts for itself.
    const id = JSON.stringify([name, attempts, seconds])
    const known = limiters.get(id)
    if (known !== undefined) return known
    if (limiters.size >= maxLimiters) throw new Error(`There are ${maxLimiters} rate limits already.`)
    const limiter = open(name, { attempts, seconds })
    limiters.set(id, limiter)
    return limiter
  }

  return {
    /** Serves a member. */
    join(peer: Peer): void {
      peer.answer('limit.consume', async (body) => {
        const [name, attempts, seconds, key, cost] = readRow(body, 5)
        if (!isKey(key) || !isAmount(cost)) throw new Error('An attempt has a key and a cost.')
        return refusalOf(limiterFor([name, attempts, seconds]).consume(key, cost))
      })
      peer.answer('limit.reset', async (body) => {
        const [name, attempts, seconds, key] = readRow(body, 4)
        if (!isKey(key)) throw new Error('An attempt has a key.')
        await limiterFor([name, attempts, seconds]).reset(key)
        return null
      })
    },
  }
}

function readRow(body: unknown, length: number): readonly unknown[] {
  if (Array.isArray(body) && body.length === length) return body
  throw new Error(`A list of ${length} is expected.`)
}

async function refusalOf(attempt: Promise<void>): Promise<readonly [sentence: string, seconds: number] | null> {
  try {
    await attempt
    return null
  } catch (error) {
    if (error instanceof RateLimitedError) return [error.message, error.retryAfterSeconds]
    throw error
  }
}
