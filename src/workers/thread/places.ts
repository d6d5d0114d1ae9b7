/** So many may be in at once; others wait for a place, first come, first served. */
export interface Places {
  enter(): Promise<void>
  leave(): void
  readonly waiting: number
}

export function createPlaces(count: number): Places {
  const waiting: (() => void)[] = []
  let free = count

  return {
    async enter() {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => void waiting.push(resolve))
    },
    leave() {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    },
    get waiting() {
      return waiting.length
    },
  }
}
