export interface BoundedQueueOptions {
  /** How many pieces of work run at once. */
  readonly concurrency: number
  /** How many more may wait. */
  readonly maxWaiting: number
  /** The error for who comes when all places are taken. */
  readonly full: () => Error
}

export type BoundedQueue = <T>(work: () => Promise<T>) => Promise<T>

/** Runs work in the order in which it came, a few at a time. Throws `full()` at once when too many wait. */
export function createBoundedQueue(options: BoundedQueueOptions): BoundedQueue {
  const waiting: (() => void)[] = []
  let running = 0

  async function takePlace(): Promise<void> {
    if (running < options.concurrency) {
      running += 1
      return
    }
    if (waiting.length >= options.maxWaiting) throw options.full()
    // Who leaves hands over the place, so `running` stays.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function leavePlace(): void {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  return async (work) => {
    await takePlace()
    try {
      return await work()
    } finally {
      leavePlace()
    }
  }
}
