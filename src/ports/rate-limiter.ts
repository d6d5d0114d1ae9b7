/** Counts attempts under a key, in a window that begins with the first of them. Keys must be bounded in length by the caller. */
export interface RateLimiter {
  /** Uses up one attempt. Throws a `RateLimitedError` with the seconds to wait when none is left. */
  consume(key: string): Promise<void>
  /** Forgets the key's attempts, after a success. */
  reset(key: string): Promise<void>
}
