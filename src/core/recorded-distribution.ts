import { createHistogram } from 'node:perf_hooks'
import type { Distribution } from './distribution.ts'

/** Lengths of time as they come, in bounded memory (about 40 kB), exact to 1 in 100. */
export interface RecordedDistribution {
  /** Counts a length of time in ms; one below a microsecond counts as one, one above 30 days as 30 days. */
  record(ms: number): void
  read(): Distribution
}

/** Microseconds: the finest that is told apart, and the longest, 30 days. */
const lowest = 1
const highest = 30 * 24 * 3600 * 1_000_000

const nothing: Distribution = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 }

/** A `RecordedDistribution` with nothing in it. */
export function createRecordedDistribution(): RecordedDistribution {
  const histogram = createHistogram({ lowest, highest, figures: 2 })

  return {
    record(ms) {
      histogram.record(Math.min(Math.max(Math.round(ms * 1000), lowest), highest))
    },

    read() {
      if (histogram.count === 0) return nothing
      return {
        count: histogram.count,
        mean: histogram.mean / 1000,
        p50: histogram.percentile(50) / 1000,
        p95: histogram.percentile(95) / 1000,
        p99: histogram.percentile(99) / 1000,
        max: histogram.max / 1000,
      }
    },
  }
}
