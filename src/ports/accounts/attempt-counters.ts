/** How often somebody has failed, and until when they must wait. */
export interface AttemptCount {
  /** Failures since the last success. */
  readonly failures: number
  /** When the last one was, ms since 1970. */
  readonly lastAt: number
  /** No attempt before that; 0: none was set. */
  readonly blockedUntil: number
}

/**
 * Failures of credentials, in the store so that they survive a restart and hold over processes.
 * Keys are bounded in length by the caller, and hold no personal data as it is (hash it).
 */
export interface AttemptCounters {
  find(key: string): Promise<AttemptCount | null>
  set(key: string, count: AttemptCount): Promise<void>
  remove(key: string): Promise<void>
  /** Forgets counts whose last failure was before `before`; at most `limit`; how many. */
  purge(before: number, limit: number): Promise<number>
}
