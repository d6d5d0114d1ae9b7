import { createHash } from 'node:crypto'
import { createHyperLogLog, type HyperLogLog } from './hyper-log-log.ts'

export interface CountedValue {
  readonly value: string
  readonly count: number
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
}

/** Longer texts are kept as their start and a hash of the whole. */
const maxKeyLength = 200
/** How much of a text is told. */
const maxTold = 100

/**
 * Counts exactly up to `limit` different texts. Beyond: the number of different ones by HyperLogLog, and the frequent ones
 * by the method of Misra and Gries (Science of Computer Programming 2, 1982), which never counts too much.
 */
export function createValueCounts<Reading>(limit: number, read: (text: string) => Reading): ValueCounts<Reading> {
  const counts = new Map<string, { readonly reading: Reading; count: number }>()
  let sketch: HyperLogLog | null = null
  let uncounted = 0

  function add(text: string): Reading {
    const key = text.length <= maxKeyLength ? text : longKey(text)
    const known = counts.get(key)
    if (known !== undefined) {
      known.count += 1
      return known.reading
    }
    // What is in the map has been through the sketch.
    sketch?.add(key)
    const reading = read(text)
    counts.set(key, { reading, count: 1 })
    if (counts.size > limit) prune()
    return reading
  }

  /** Takes the median count from every text, so that at least half of them go at a time. */
  function prune(): void {
    if (sketch === null) {
      sketch = createHyperLogLog()
      for (const key of counts.keys()) sketch.add(key)
    }
    const ascending = Float64Array.from(counts.values(), ({ count }) => count).toSorted()
    const median = ascending[ascending.length >> 1] ?? 1
    for (const [key, entry] of counts) {
      entry.count -= median
      if (entry.count <= 0) counts.delete(key)
    }
    uncounted += median
  }

  function top(length: number): readonly CountedValue[] {
    // What occurs once says nothing among many; what may be an artefact of the pruning is not told.
    const leastExact = counts.size > length ? 2 : 1
    const least = sketch === null ? leastExact : uncounted + 1
    return [...counts]
      .filter(([, { count }]) => count >= least)
      .toSorted(([, a], [, b]) => b.count - a.count)
      .slice(0, length)
      .map(([key, { count }]) => ({ value: told(key), count }))
  }

  return {
    add,
    get distinct() {
      return sketch === null ? counts.size : sketch.estimate()
    },
    get isEstimate() {
      return sketch !== null
    },
    top,
  }
}

// No cell holds a zero character, so such a key is never a text of its own.
function longKey(text: string): string {
  return `${text.slice(0, maxKeyLength)}\0${createHash('sha256').update(text).digest('base64')}`
}

function told(key: string): string {
  const [text = ''] = key.split('\0')
  return (text.length <= maxTold ? text : `${text.slice(0, maxTold - 1)}…`).toWellFormed()
}
