/** How a member is to come to its end. */
export interface DrainOrder {
  /** How long what is under way may take, ms. */
  readonly drainMs: number
  /** How long connections without a request are kept, for the request that may be on its way, ms. */
  readonly keepIdleMs: number
}
