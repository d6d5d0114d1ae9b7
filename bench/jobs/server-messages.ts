/** What the server process of the benchmark is told. */
export type ServerOrder =
  /** Open on that folder with so many threads; answered with the port. */
  | { readonly kind: 'open'; readonly folder: string; readonly threads: number }
  /** Measure the event loop's delay for so long, while tasks compute on so many threads; answered with `LoopDelay`. */
  | { readonly kind: 'measure'; readonly ms: number; readonly busy: number }

/** How late the event loop came to its timers, in ms. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}
