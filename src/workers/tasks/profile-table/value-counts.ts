import { createHash } from 'node:crypto'
import { createHyperLogLog, type HyperLogLog } from './hyper-log-log.ts'
import { toldText } from './told-text.ts'

export interface CountedValue {
  readonly value: string
  readonly count: number
}

/** What is known of texts so far, to be joined with what is known of others. */
export interface CountsState {
  /** In the order of appearance; long ones as their start and a hash. */
  readonly texts: readonly string[]
  /** How often each, in the order of `texts`. */
  readonly counts: readonly number[]
  /** The ranks of a HyperLogLog of all texts, where there are more than a few. */
  readonly sketch: Uint8Array | null
  /** Whether `texts` are not all. */
  readonly isEstimate: boolean
  /** How much may be missing of any count. */
  readonly uncounted: number
}

/** Which different texts there are and how often each, exactly up to a limit and in bounded memory beyond it. */
export interface ValueCounts<Reading> {
  /** Counts a text and answers what it is read as: a text that is known is not read again. */
  add(text: string): Reading
  readonly distinct: number
  /** Whether `distinct` is an estimate (standard error 0.8 %). */
  readonly isEstimate: boolean
  /** The most frequent texts, most frequent first. Beyond the limit only those that are surely frequent, counted low. */
  top(length: number): readonly CountedValue[]
  /** What another is given to merge; with `few`, of many texts only how many different ones they are. */
  state(few?: boolean): CountsState
  /** Takes in the texts of another, as if they had come after those that are here. */
  merge(state: CountsState): void
}

/** Longer texts are kept as their start and a hash of the whole. */
const maxKeyLength = 200
/** So many texts are a few: cheaper to name than the 16 KiB of a sketch. */
const fewTexts = 256

interface Entry<Reading> {
  reading: Reading | null
  count: number
}

/**
 * Counts exactly up to `limit` different texts. Beyond: the number of different ones by HyperLogLog, and the frequent ones
 * by the method of Misra and Gries (Science of Computer Programming 2, 1982), which never counts too much; summaries of
 * parts are joined as by Agarwal et al., "Mergeable summaries" (ACM TODS 38, 2013).
 */
export function createValueCounts<Reading>(limit: number, read: (text: string) => Reading): ValueCounts<Reading> {
  return new Counts(limit, read)
}

class Counts<Reading> implements ValueCounts<Reading> {
  readonly #limit: number
  readonly #read: (text: string) => Reading
  readonly #counts = new Map<string, Entry<Reading>>()
  #sketch: HyperLogLog | null = null
  #isEstimate = false
  #uncounted = 0

  constructor(limit: number, read: (text: string) => Reading) {
    this.#limit = limit
    this.#read = read
  }

  get distinct(): number {
    return this.#isEstimate ? this.#sketchOfAll().estimate() : this.#counts.size
  }

  get isEstimate(): boolean {
    return this.#isEstimate
  }

  add(text: string): Reading {
    const key = text.length <= maxKeyLength ? text : longKey(text)
    const known = this.#counts.get(key)
    if (known !== undefined) {
      known.count += 1
      known.reading ??= this.#read(text)
      return known.reading
    }
    const reading = this.#read(text)
    this.#insert(key, { reading, count: 1 })
    return reading
  }

  top(length: number): readonly CountedValue[] {
    // What occurs once says nothing among many; what may be an artefact of the pruning is not told.
    const leastExact = this.#counts.size > length ? 2 : 1
    const least = this.#isEstimate ? this.#uncounted + 1 : leastExact
    return [...this.#counts]
      .filter(([, { count }]) => count >= least)
      .toSorted(([, a], [, b]) => b.count - a.count)
      .slice(0, length)
      .map(([key, { count }]) => ({ value: told(key), count }))
  }

  state(few = false): CountsState {
    const sketch = this.#sketch?.ranks ?? null
    const uncounted = this.#uncounted
    if (few && sketch !== null) return { texts: [], counts: [], sketch, isEstimate: true, uncounted }
    return {
      texts: [...this.#counts.keys()],
      counts: Array.from(this.#counts.values(), ({ count }) => count),
      sketch,
      isEstimate: this.#isEstimate,
      uncounted,
    }
  }

  merge(other: CountsState): void {
    if (other.sketch !== null) this.#sketchOfAll().merge(other.sketch)
    this.#isEstimate ||= other.isEstimate
    this.#uncounted += other.uncounted
    for (const [index, key] of other.texts.entries()) {
      const count = other.counts[index] ?? 0
      const known = this.#counts.get(key)
      if (known === undefined) this.#insert(key, { reading: null, count })
      else known.count += count
    }
  }

  #insert(key: string, entry: Entry<Reading>): void {
    this.#counts.set(key, entry)
    if (this.#sketch !== null) this.#sketch.add(key)
    else if (this.#counts.size > fewTexts) this.#sketchOfAll()
    if (this.#counts.size > this.#limit) this.#prune()
  }

  #sketchOfAll(): HyperLogLog {
    if (this.#sketch !== null) return this.#sketch
    this.#sketch = createHyperLogLog()
    for (const key of this.#counts.keys()) this.#sketch.add(key)
    return this.#sketch
  }

  /** Takes the median count from every text, so that at least half of them go at a time. */
  #prune(): void {
    this.#sketchOfAll()
    this.#isEstimate = true
    const ascending = Float64Array.from(this.#counts.values(), ({ count }) => count).toSorted()
    const median = ascending[ascending.length >> 1] ?? 1
    for (const [key, entry] of this.#counts) {
      entry.count -= median
      if (entry.count <= 0) this.#counts.delete(key)
    }
    this.#uncounted += median
  }
}

// No cell holds a zero character, so such a key is never a text of its own.
function longKey(text: string): string {
  return `${text.slice(0, maxKeyLength)}\0${createHash('sha256').update(text).digest('base64')}`
}

function told(key: string): string {
  const [text = ''] = key.split('\0')
  return toldText(text)
}
