/** What is noted of each row in shared memory, so that what comes of it does not depend on how the plate was cut. */
const perRow = 3

/** How warm the plate is. */
export interface Warmth {
  readonly min: number
  readonly max: number
  readonly mean: number
}

/** Lowest, highest and sum of the temperatures of every row. */
export type RowSummaries = Float64Array<SharedArrayBuffer>

export function createRowSummaries(rows: number): RowSummaries {
  return new Float64Array(new SharedArrayBuffer(perRow * rows * Float64Array.BYTES_PER_ELEMENT))
}

export function summarizeRow(summaries: RowSummaries, row: number, temperatures: Float64Array): void {
  let min = Infinity
  let max = -Infinity
  let sum = 0
  for (const temperature of temperatures) {
    if (temperature < min) min = temperature
    if (temperature > max) max = temperature
    sum += temperature
  }
  summaries.set([min, max, sum], perRow * row)
}

/** Folds the rows in their order. */
export function warmthOf(summaries: RowSummaries, columns: number): Warmth {
  let min = Infinity
  let max = -Infinity
  let sum = 0
  for (let at = 0; at < summaries.length; at += perRow) {
    min = Math.min(min, summaries[at] ?? min)
    max = Math.max(max, summaries[at + 1] ?? max)
    sum += summaries[at + 2] ?? 0
  }
  return { min, max, mean: sum / ((summaries.length / perRow) * columns) }
}
