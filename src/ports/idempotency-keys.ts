/** A key under which somebody publishes, so that the same is not published twice. */
export interface KeyUse {
  readonly userId: string
  /** Where they publish: a key is theirs and of one topic. */
  readonly topic: string
  readonly key: string
}

/** A use with what it is for. */
export interface NewKeyUse extends KeyUse {
  /** By which the same input is known again. */
  readonly inputHash: string
  /** It counts for nothing from then on, ms since 1970. */
  readonly expiresAt: number
}

export interface EarlierUse {
  readonly inputHash: string
  /** JSON. */
  readonly result: string
}

/**
 * What was published under which key. A user's keys go with the user.
 *
 * Guaranteed: of any number of transactions that `claim` a key at once, one gets `null`; the others get what that one has
 * written by its commit.
 * Callers must `complete` what they have claimed in the same transaction.
 */
export interface IdempotencyKeys {
  /** Enters the use, unless there is one that has not expired: that is answered then, and nothing changes. */
  claim(use: NewKeyUse, now: number): Promise<EarlierUse | null>
  /** Notes what came of it. */
  complete(use: KeyUse, result: string): Promise<void>
  /** Forgets at most `limit` uses that have expired; how many. */
  purge(now: number, limit: number): Promise<number>
}
