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
