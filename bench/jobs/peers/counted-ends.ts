/** Waits for a number of ends that are told one by one. */
export interface CountedEnds {
  tell(): void
  /** Resolves when so many ends have been told from now on. */
  wait(count: number): Promise<void>
}

export function createCountedEnds(): CountedEnds {
  let left = 0
  let done = Promise.withResolvers<void>()
  return {
    tell() {
      left -= 1
      if (left === 0) done.resolve()
    },
    wait(count) {
      left = count
      done = Promise.withResolvers()
      return done.promise
    },
  }
}
