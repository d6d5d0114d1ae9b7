import type { HistogramSample } from '../../core/metrics.ts'
import { createLabelSets } from './label-sets.ts'

export interface Histogram {
  /** `false` when there are too many sets of labels for it. */
  observe(labels: Readonly<Record<string, string>>, value: number): boolean
  read(): readonly HistogramSample[]
}

export interface HistogramOptions {
  readonly labels: readonly string[]
  /** The bounds, from the lowest to the highest. */
  readonly buckets: readonly number[]
}

/** As in a `HistogramSample`. */
interface Observations {
  readonly counts: number[]
  sum: number
}

/** Values counted by size and by labels. */
export function createHistogram({ labels: names, buckets: bounds }: HistogramOptions, maxLabelSets: number): Histogram {
  const make = (): Observations => ({ counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 })
  const sets = createLabelSets(names, make, maxLabelSets)

  return {
    observe(labels, value) {
      const observed = sets.find(labels)
      if (observed === null) return false
      let bucket = 0
      while (value > (bounds[bucket] ?? Infinity)) bucket += 1
      observed.counts[bucket] = (observed.counts[bucket] ?? 0) + 1
      observed.sum += value
      return true
    },
    read: () => sets.entries().map(([labels, { counts, sum }]) => ({ labels, counts: [...counts], sum })),
  }
}
