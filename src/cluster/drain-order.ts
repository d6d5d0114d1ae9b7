/** How a member is to come to its end. */
export interface DrainOrder {
  /** For how long it says that it goes, and serves on, before anything else, ms. */
  readonly unreadyMs: number
  /** How long what is under way may take, ms. */
  readonly drainMs: number
  /** How long connections without a request are kept, for the request that may be on its way, ms. */
  readonly keepIdleMs: number
}
