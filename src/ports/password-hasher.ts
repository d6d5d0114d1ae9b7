/** Whom a password is hashed for. */
export interface PasswordAsker {
  /** Whether they have shown before who they are: by a session, a link in a mail, or a browser that signed in to the account. */
  readonly known: boolean
}

/**
 * Makes and checks password hashes off the event loop.
 *
 * Guaranteed: the password is taken exactly as given, whatever its length; scheme and cost stand in the stored text; at most
 * a bounded number of hashes are under way or waiting, over which a `RateLimitedError` is thrown at once. Who is known goes
 * first, and some of the places to wait in are theirs alone: strangers cannot shut them out. Without an asker it is a stranger.
 */
export interface PasswordHasher {
  hash(password: string, asker?: PasswordAsker): Promise<string>
  /** `stored: null` stands for "there is no such account": costs the same and answers `false`. */
  verify(password: string, stored: string | null, asker?: PasswordAsker): Promise<boolean>
  /** Whether the stored text was made with parameters other than today's. */
  needsRehash(stored: string): boolean
}
