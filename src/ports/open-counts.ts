/** A key under which something is counted, and how much of it there may be at once. */
export interface CountedPlace {
  /** Bounded in length by the caller. */
  readonly key: string
  readonly limit: number
}

/** What came of asking for places: they were taken until `leave`, which may be called twice; or none was, since one is full. */
export type Entry = { readonly leave: () => void } | { readonly full: CountedPlace }

/**
 * Counts what is open at once under keys, over all processes that serve the same store: what one of them has open when it dies
 * counts no more. Where the others cannot be asked each process counts for itself meanwhile: never fails because of that.
 */
export interface OpenCounts {
  /** Takes a place under each key, or none at all; the first that is full is named. */
  enter(places: readonly CountedPlace[]): Promise<Entry>
}
