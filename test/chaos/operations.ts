/** Counts what clients do, and tells those who wait for a number of it. */
export interface Operations {
  readonly count: number
  /** Counts one more; `false`, and nothing is counted, when there are to be no more. */
  take(): boolean
  /** Resolves with `true` when there were so many, with `false` when there will not be. */
  reached(count: number): Promise<boolean>
  /** There will be no more. */
  end(): void
}

/** At most so many. */
export function countOperations(most: number): Operations {
  let waiting: { readonly count: number; readonly resolve: (isReached: boolean) => void }[] = []
  let count = 0
  let hasEnded = false

  function tell(): void {
    const due = waiting.filter((one) => hasEnded || one.count <= count)
    waiting = waiting.filter((one) => !due.includes(one))
    for (const one of due) one.resolve(one.count <= count)
  }

  return {
    get count() {
      return count
    },
    take() {
      if (hasEnded || count >= most) return false
      count += 1
      tell()
      return true
    },
    reached(count) {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      waiting.push({ count, resolve })
      tell()
      return promise
    },
    end() {
      hasEnded = true
      tell()
    },
  }
}
