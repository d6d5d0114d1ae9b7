/** Counts attempts under a key, in a window that begins with the first of them. Keys must be bounded in length by the caller. */
export interface RateLimiter {
  /**
   * Uses up one attempt, or as many as it costs. Throws a `RateLimitedError` with the seconds to wait when fewer are left; they
   * are used up then, too.
   */
  consume(key: string, cost?: number): Promise<void>
  /** Forgets the key's attempts, after a success. */
  reset(key: string): Promise<void>
}

/** How many attempts a key has in a window, and how long that lasts from the first of them. */
export interface RateLimit {
  readonly attempts: number
  readonly seconds: number
}

/**
 * What makes limiters. One of a name counts together with those of the same name in the other processes that serve the same
 * store, all of which must give it the same limit. Where these cannot be asked, each process counts for itself meanwhile:
 * a limiter never fails because of the line to them.
 */
export type OpenRateLimiter = (name: string, limit: RateLimit) => RateLimiter
