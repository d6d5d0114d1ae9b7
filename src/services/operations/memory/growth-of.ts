import type { MemoryGrowth } from '../../../core/memory.ts'

/** What was held at a time, ms since 1970 and bytes. */
export interface HeldPoint {
  readonly at: number
  readonly bytes: number
}

const minuteMs = 60_000

/**
 * How what is held grows: the median of the slopes between all pairs of points (Theil and Sen), which a third of wild points does not
 * move, and the part of the pairs that rise (Mann and Kendall). `null` for fewer than two points. Quadratic: for 60 points 1,770 pairs.
 */
export function growthOf(points: readonly HeldPoint[]): MemoryGrowth | null {
  const slopes = points.flatMap((one, index) =>
    points.slice(index + 1).flatMap((later) => (later.at > one.at ? [slope(one, later)] : [])),
  )
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined || slopes.length === 0) return null
  return {
    bytesPerMinute: median(slopes),
    risingPairs: slopes.filter((each) => each > 0).length / slopes.length,
    points: points.length,
    overMs: last.at - first.at,
  }
}

function slope(one: HeldPoint, later: HeldPoint): number {
  return ((later.bytes - one.bytes) * minuteMs) / (later.at - one.at)
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const [below = 0, above = 0] = sorted.slice(middle - 1, middle + 1)
  return sorted.length % 2 === 0 ? (below + above) / 2 : (sorted[middle] ?? 0)
}
