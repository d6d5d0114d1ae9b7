/** Values that are all kept up to a limit, and represented by an even sample beyond it. */
export interface ValueSample {
  add(value: number): void
  /** How many values were added. */
  readonly count: number
  /** Whether every value that was added is there. */
  readonly isWhole: boolean
  /** The values that are kept, in ascending order. A copy. */
  sorted(): Float64Array
}

const firstCapacity = 1_024

/**
 * Keeps all values up to `limit`; beyond, a uniform random sample of that size (Algorithm L, K.-H. Li, ACM TOMS 20, 1994).
 * The same values in the same order give the same sample.
 */
export function createValueSample(limit: number): ValueSample {
  const random = createRandom(0x9e3779b9)
  let values = new Float64Array(Math.min(firstCapacity, limit))
  let count = 0
  let weight = 1
  let next = 0

  function skip(): void {
    weight *= Math.exp(Math.log(random()) / limit)
    next += Math.floor(Math.log(random()) / Math.log1p(-weight)) + 1
  }

  function add(value: number): void {
    if (count < limit) {
      if (count === values.length) values = grow(values, limit)
      values[count] = value
      count += 1
      if (count === limit) {
        next = limit - 1
        skip()
      }
      return
    }
    if (count === next) {
      values[Math.floor(random() * limit)] = value
      skip()
    }
    count += 1
  }

  return {
    add,
    get count() {
      return count
    },
    get isWhole() {
      return count <= limit
    },
    sorted: () => values.subarray(0, Math.min(count, limit)).toSorted(),
  }
}

function grow(values: Float64Array<ArrayBuffer>, limit: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.min(limit, values.length * 2))
  larger.set(values)
  return larger
}

/** Mulberry32: numbers between 0 and 1, never either of them, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
}
