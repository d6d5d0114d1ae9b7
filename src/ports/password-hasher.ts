/**
 * Makes and checks password hashes off the event loop.
 *
 * Guaranteed: the password is taken exactly as given, whatever its length; scheme and cost stand in the stored text; at most
 * a bounded number of hashes are under way or waiting, over which a `RateLimitedError` is thrown at once.
 */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** `stored: null` stands for "there is no such account": costs the same and answers `false`. */
  verify(password: string, stored: string | null): Promise<boolean>
  /** Whether the stored text was made with parameters other than today's. */
  needsRehash(stored: string): boolean
}
