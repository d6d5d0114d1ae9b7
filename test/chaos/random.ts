/** Chance that is the same for the same seed. */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** A whole number from 0 to `most`. */
  upTo(most: number): number
  chance(probability: number): boolean
  /** One of them. Throws a `RangeError` where there is none. */
  pick<Item>(items: readonly Item[]): Item
  /** Another one, whose numbers do not depend on how many were drawn from this one meanwhile. */
  fork(): Random
}

/** Tommy Ettinger's Mulberry32: 32 bits of state, enough to choose what to do next. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  const upTo = (most: number) => Math.floor(next() * (most + 1))
  return {
    next,
    upTo,
    chance: (probability) => next() < probability,
    pick(items) {
      const index = upTo(items.length - 1)
      if (index >= items.length) throw new RangeError('There is nothing to pick from.')
      // Within the bounds, as was just seen; the item itself may be undefined.
      return items[index] as (typeof items)[number]
    },
    fork: () => createRandom(upTo(2 ** 32 - 1)),
  }
}
