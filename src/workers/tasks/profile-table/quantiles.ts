export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

export const maxBins = 20

/**
 * The p-quantile (0 to 1) of ascending values by linear interpolation between the closest ranks: type 7 of Hyndman and Fan
 * (The American Statistician 50, 1996), the default of R, NumPy and spreadsheets. `null` without values.
 */
export function quantile(sorted: Float64Array, p: number): number | null {
  if (sorted.length === 0) return null
  const rank = (sorted.length - 1) * p
  const below = sorted[Math.floor(rank)] ?? 0
  const above = sorted[Math.ceil(rank)] ?? below
  const part = rank - Math.floor(rank)
  // Two products, for the difference of two values may be beyond what a number holds.
  return below === above ? below : below * (1 - part) + above * part
}

/**
 * How the values lie between `min` and `max`, in bins of equal width; each from its lower edge up to but without its upper
 * edge, the last with it. Whole numbers that lie within 20 get a bin each. `total` is the sum of the counts: those of a
 * sample are scaled up to it.
 */
export function histogram(sorted: Float64Array, min: number, max: number, total: number): readonly Bin[] {
  if (sorted.length === 0) return []
  const edges = edgesFor(sorted, min, max)
  const starts = edges.map((edge) => lowerBound(sorted, edge))
  const counts = edges.slice(1).map((_, index) => {
    const end = index === edges.length - 2 ? sorted.length : (starts[index + 1] ?? 0)
    return end - (starts[index] ?? 0)
  })
  // The sample may lack the extremes, never lie beyond them.
  const scaled = scaleTo(counts, total)
  return scaled.map((count, index) => ({ from: edges[index] ?? min, to: edges[index + 1] ?? max, count }))
}

function edgesFor(sorted: Float64Array, min: number, max: number): readonly number[] {
  if (max - min < maxBins && sorted.every(Number.isInteger)) {
    return Array.from({ length: max - min + 2 }, (_, index) => min + index)
  }
  if (min === max) return [min, max]
  // Sturges' rule, capped.
  const bins = Math.min(maxBins, Math.ceil(Math.log2(sorted.length)) + 1)
  const step = max / bins - min / bins
  const edges = Array.from({ length: bins + 1 }, (_, index) => (index === bins ? max : min + index * step))
  // Where the values are so close that edges coincide, the bins between them are none.
  return edges.filter((edge, index) => index === 0 || edge > (edges[index - 1] ?? edge))
}

/** The index of the first value that is not below the edge. */
function lowerBound(sorted: Float64Array, edge: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? edge) < edge) low = middle + 1
    else high = middle
  }
  return low
}

/** The counts in proportion, as whole numbers of the given sum: what rounding down leaves goes to the largest remainders. */
function scaleTo(counts: readonly number[], total: number): readonly number[] {
  const sum = counts.reduce((all, count) => all + count, 0)
  if (sum === total) return counts
  const exact = counts.map((count) => (count / sum) * total)
  const scaled = exact.map(Math.floor)
  const missing = total - scaled.reduce((all, count) => all + count, 0)
  const byRemainder = exact
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .toSorted((a, b) => b.rest - a.rest)
  for (const { index } of byRemainder.slice(0, missing)) scaled[index] = (scaled[index] ?? 0) + 1
  return scaled
}
