export interface BoundedQueueOptions {
  /** How many pieces of work run at once. */
  readonly concurrency: number
  /** How many more may wait. */
  readonly maxWaiting: number
  /** How many of those places are for who goes first. */
  readonly reserved: number
  /** The error for who comes when all places are taken. */
  readonly full: () => Error
}

export type BoundedQueue = <T>(work: () => Promise<T>, goesFirst?: boolean) => Promise<T>

/** Runs work in the order in which it came, after what goes first, a few at a time. Throws `full()` at once when too many wait. */
export function createBoundedQueue(options: BoundedQueueOptions): BoundedQueue {
  const first: (() => void)[] = []
  const others: (() => void)[] = []
  let running = 0

  async function takePlace(goesFirst: boolean): Promise<void> {
    if (running < options.concurrency) {
      running += 1
      return
    }
    const isFull = first.length + others.length >= options.maxWaiting
    if (isFull || (!goesFirst && others.length >= options.maxWaiting - options.reserved)) throw options.full()
    // Who leaves hands over the place, so `running` stays.
    await new Promise<void>((resolve) => (goesFirst ? first : others).push(resolve))
  }

  function leavePlace(): void {
    const next = first.shift() ?? others.shift()
    if (next === undefined) running -= 1
    else next()
  }

  return async (work, goesFirst = false) => {
    await takePlace(goesFirst)
    try {
      return await work()
    } finally {
      leavePlace()
    }
  }
}
