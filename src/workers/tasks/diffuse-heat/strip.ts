import type { TemperatureAt } from './initial-temperature.ts'

/** A plate as all shards see it. */
export interface Plate {
  readonly rows: number
  readonly columns: number
  readonly edges: 'FIXED' | 'INSULATED'
  /** α Δt / h², at most 1/4. */
  readonly ratio: number
}

/** The rows of one shard: from `first` to `end`, without it. */
export interface RowRange {
  readonly first: number
  readonly end: number
}

/**
 * The rows of one shard with a halo of the neighbours' rows above and below. A halo of `depth` rows is good for `depth` steps:
 * it is computed along, one row less each time, with the same operations that the neighbour does, so that the temperatures
 * are the same to the last bit however the plate is cut.
 */
export interface Strip {
  readonly range: RowRange
  /** One of the strip's own rows, by its number on the plate; a view that lasts until the next step. */
  row(index: number): Float64Array
  /** Copies of the outermost own rows, for the halo of the neighbour above or below. */
  edge(side: 'above' | 'below'): Float64Array<ArrayBuffer>
  /** Takes what the neighbour gave as its `edge` of the other side. */
  setHalo(side: 'above' | 'below', rows: Float64Array): void
  /** Lets `steps` steps pass, at most `depth`, after which new halos are needed. */
  advance(steps: number): void
}

/** The strip at the start. Every strip of the plate has at least `depth` rows. */
export function createStrip(plate: Plate, range: RowRange, depth: number, temperatureAt: TemperatureAt): Strip {
  const { columns } = plate
  // Rows on the plate that are kept here: less halo where the plate ends.
  const top = Math.max(0, range.first - depth)
  const bottom = Math.min(plate.rows, range.end + depth)
  let now = new Float64Array((bottom - top) * columns)
  for (let row = top; row < bottom; row += 1) {
    for (let column = 0; column < columns; column += 1) now[(row - top) * columns + column] = temperatureAt(row, column)
  }
  let next = now.slice()
  const rowsOf = (from: number, to: number): Float64Array => now.subarray((from - top) * columns, (to - top) * columns)

  function step(from: number, to: number): void {
    for (let row = from; row < to; row += 1) {
      const at = (row - top) * columns
      // A fixed edge stays as it is; an insulated one has its own mirror image beyond it.
      if (plate.edges === 'FIXED' && (row === 0 || row === plate.rows - 1)) continue
      const above = row === 0 ? at : at - columns
      const below = row === plate.rows - 1 ? at : at + columns
      stepRow(now, next, plate, { at, above, below })
    }
    ;[now, next] = [next, now]
  }

  return {
    range,
    row: (index) => rowsOf(index, index + 1),
    edge: (side) =>
      side === 'above'
        ? rowsOf(range.first, range.first + depth).slice()
        : rowsOf(range.end - depth, range.end).slice(),
    setHalo(side, rows) {
      rowsOf(side === 'above' ? top : range.end, side === 'above' ? range.first : bottom).set(rows)
    },
    advance(steps) {
      for (let left = steps - 1; left >= 0; left -= 1) {
        step(Math.max(0, range.first - left), Math.min(plate.rows, range.end + left))
      }
    },
  }
}

/** Writes one row as it is a step later; the three rows are given by where they begin. */
function stepRow(
  from: Float64Array,
  to: Float64Array,
  { columns, edges, ratio }: Plate,
  { at, above, below }: { readonly at: number; readonly above: number; readonly below: number },
): void {
  const last = columns - 1
  let left = from[at] ?? 0
  let here = left
  let right = from[at + 1] ?? 0
  if (edges === 'INSULATED') {
    to[at] = here + ratio * ((from[above] ?? 0) + (from[below] ?? 0) + here + right - 4 * here)
  }
  for (let column = 1; column < last; column += 1) {
    left = here
    here = right
    right = from[at + column + 1] ?? 0
    to[at + column] =
      here + ratio * ((from[above + column] ?? 0) + (from[below + column] ?? 0) + left + right - 4 * here)
  }
  if (edges === 'INSULATED') {
    const vertical = (from[above + last] ?? 0) + (from[below + last] ?? 0)
    to[at + last] = right + ratio * (vertical + here + right - 4 * right)
  }
}
