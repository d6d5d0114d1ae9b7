export interface BackoffOptions {
  /** Milliseconds before the first retry. */
  readonly baseMs: number
  /** The most milliseconds between two tries. */
  readonly capMs: number
  /** A number from 0 to 1; random unless a test says otherwise. */
  readonly random?: () => number
}

/**
 * How many milliseconds to wait before try `attempt` + 1, counted from 1: exponential with full jitter, so that many who
 * failed together do not come back together (AWS Architecture Blog, "Exponential Backoff and Jitter", 2015).
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt - 1, 30))
  return Math.ceil((options.random ?? Math.random)() * ceiling)
}
