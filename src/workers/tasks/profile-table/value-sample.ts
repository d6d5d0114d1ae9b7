/** The values of a sample, to be joined with those of another. */
export interface SampleState {
  /** How many values were added. */
  readonly count: number
  readonly values: Float64Array<ArrayBuffer>
  readonly lots: Uint32Array<ArrayBuffer>
  /** Values whose lots are not below this are not in it. */
  readonly bound: number
}

/** Values that are all kept up to a limit, and represented by an even sample beyond it. */
export interface ValueSample {
  /** Adds a value with the lot that its row has drawn (`lotOf`): the lowest stay. */
  add(value: number, lot: number): void
  /** How many values were added. */
  readonly count: number
  /** Whether every value that was added is there. */
  readonly isWhole: boolean
  /** The values that are kept, in ascending order. A copy. */
  sorted(): Float64Array
  state(): SampleState
  /** Takes in the values of another sample of the same limit. */
  merge(state: SampleState): void
}

const firstCapacity = 1_024
const allLots = 2 ** 32
const buckets = 2 ** 16

/**
 * Keeps all values up to `limit`; beyond, those of the `limit` lowest lots (bottom-k sampling: E. Cohen and H. Kaplan, PODC
 * 2007). Which these are does not hang on the order, nor on who added which: any number of samples merge to the same.
 */
export function createValueSample(limit: number): ValueSample {
  const lowest = new LowestLots(limit)
  let count = 0
  return {
    add(value, lot) {
      count += 1
      lowest.keep(value, lot)
    },
    get count() {
      return count
    },
    get isWhole() {
      return count <= limit
    },
    sorted: () => lowest.values().toSorted(),
    state: () => ({ count, ...lowest.state() }),
    merge(other) {
      count += other.count
      lowest.lowerTo(other.bound)
      for (const [index, lot] of other.lots.entries()) lowest.keep(other.values[index] ?? 0, lot)
    },
  }
}

/** The values of the lowest lots, at most `limit` of them in the end and some more in between. */
class LowestLots {
  readonly #limit: number
  #values = new Float64Array(firstCapacity)
  #lots = new Uint32Array(firstCapacity)
  #kept = 0
  /** Lots from here on are not among the lowest. */
  #bound = allLots

  constructor(limit: number) {
    this.#limit = limit
  }

  keep(value: number, lot: number): void {
    if (lot >= this.#bound) return
    if (this.#kept === this.#values.length) {
      this.#makeRoom()
      if (lot >= this.#bound) return
    }
    this.#values[this.#kept] = value
    this.#lots[this.#kept] = lot
    this.#kept += 1
  }

  lowerTo(bound: number): void {
    if (bound >= this.#bound) return
    this.#bound = bound
    let to = 0
    for (let from = 0; from < this.#kept; from += 1) {
      const lot = this.#lots[from] ?? 0
      if (lot >= bound) continue
      this.#values[to] = this.#values[from] ?? 0
      this.#lots[to] = lot
      to += 1
    }
    this.#kept = to
  }

  /** All values, or exactly those of the lowest lots. Where rows drew alike at the limit, none of them. */
  values(): Float64Array {
    if (this.#kept > this.#limit) {
      this.lowerTo(this.#lots.slice(0, this.#kept).toSorted()[this.#limit] ?? this.#bound)
    }
    return this.#values.subarray(0, this.#kept)
  }

  state(): Omit<SampleState, 'count'> {
    return {
      bound: this.#bound,
      values: this.#values.slice(0, this.#kept),
      lots: this.#lots.slice(0, this.#kept),
    }
  }

  #makeRoom(): void {
    if (this.#kept > this.#limit) this.#lowerRoughly()
    const now = this.#values.length
    if (this.#kept < 0.9 * now) return
    // A quarter more than the limit, so that this is done again only after as many.
    const beyond = Math.ceil(1.25 * Math.max(this.#limit, now))
    const capacity = now < this.#limit ? Math.min(2 * now, beyond) : beyond
    this.#values = grown(this.#values, new Float64Array(capacity))
    this.#lots = grown(this.#lots, new Uint32Array(capacity))
  }

  /** Lowers the bound as far as a count in buckets shows that more than `limit` lots are below it. */
  #lowerRoughly(): void {
    const width = this.#bound / buckets
    const counts = new Uint32Array(buckets)
    for (let index = 0; index < this.#kept; index += 1) {
      const bucket = Math.floor((this.#lots[index] ?? 0) / width)
      counts[bucket] = (counts[bucket] ?? 0) + 1
    }
    let below = 0
    let bucket = 0
    while (bucket < buckets && below <= this.#limit) {
      below += counts[bucket] ?? 0
      bucket += 1
    }
    this.lowerTo(Math.ceil(bucket * width))
  }
}

function grown<Numbers extends Float64Array | Uint32Array>(old: Numbers, larger: Numbers): Numbers {
  larger.set(old)
  return larger
}
