import type { Sample } from './sample.ts'

/** How fast something grows, in its unit a round: the median of the slopes between all pairs of rounds, and where it lies for certain. */
export interface Slope {
  readonly middle: number
  /** With 95 % confidence it is not below that. */
  readonly least: number
}

/** The slope after Theil and Sen, which single outliers do not change, with the lower end of Sen's interval (by Kendall's S). */
export function robustSlope(values: readonly number[]): Slope {
  const slopes = values
    .flatMap((from, start) => values.slice(start + 1).map((to, index) => (to - from) / (index + 1)))
    .toSorted((a, b) => a - b)
  const { length: n } = values
  const spread = 1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)
  const rank = Math.max(0, Math.floor((slopes.length - spread) / 2))
  const half = Math.floor(slopes.length / 2)
  const middle = slopes.length % 2 === 1 ? slopes[half] : ((slopes[half - 1] ?? 0) + (slopes[half] ?? 0)) / 2
  return { middle: middle ?? 0, least: slopes[rank] ?? 0 }
}

export interface SoakVerdict {
  readonly heap: Slope
  /** What the heap has grown by over all rounds at that slope, and the growth that is passed over, in bytes. */
  readonly growthBytes: number
  readonly toleranceBytes: number
  /** A sentence for each thing that is wrong. */
  readonly faults: readonly string[]
}

/** The fewest samples that say anything. */
const leastSamples = 5

/** Growth of the heap over all rounds that is passed over: caches with a bound that fill, code that is compiled later. */
const toleratedShare = 0.02
const toleratedBytes = 2 ** 20

/**
 * Judges samples that were taken after warm-up, at rest. The heap leaks when it grows for certain, and over all rounds by more than
 * `tolerated` bytes (1 MiB) and 2 % of it. Sockets, streams,
 * threads and listeners must be as few in the last sample as in the first; handles and timers must not grow for certain.
 */
export function judge(samples: readonly Sample[], tolerated = toleratedBytes): SoakVerdict {
  if (samples.length < leastSamples) throw new RangeError(`A verdict takes ${leastSamples} samples.`)
  const bytes = samples.map(({ heapBytes }) => heapBytes)
  const heap = robustSlope(bytes)
  const growthBytes = heap.middle * (samples.length - 1)
  const toleranceBytes = Math.max(tolerated, toleratedShare * Math.min(...bytes))
  const isLeak = heap.least > 0 && growthBytes > toleranceBytes
  const faults = isLeak ? [`The heap grows by ${Math.round(heap.middle / 1024)} KiB a round.`] : []
  return { heap, growthBytes, toleranceBytes, faults: [...faults, ...leftBehind(samples)] }
}

function leftBehind(samples: readonly Sample[]): readonly string[] {
  const names = new Set(samples.flatMap(({ held }) => Object.keys(held)))
  return [...names].flatMap((name) => {
    const counts = samples.map(({ held }) => held[name] ?? 0)
    const [before, after] = [counts[0] ?? 0, counts.at(-1) ?? 0]
    const isLeft = after > before && (!comesAndGoes(name) || robustSlope(counts).least > 0)
    return isLeft ? [`There are ${after} of "${name}", after ${before}.`] : []
  })
}

/**
 * Handles and timers of a server at rest are not always as many: some are there between two ticks of something only, or from when
 * something was first used. Those that leak grow on.
 */
const comesAndGoes = (name: string) => name.startsWith('resource ')
