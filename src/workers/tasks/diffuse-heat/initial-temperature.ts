import type { HeatInput } from './heat-input.ts'

/** The temperature at a grid point. */
export type TemperatureAt = (row: number, column: number) => number

type Shape<Name> = Extract<HeatInput['initial'], { shape: Name }>

/** How warm the plate is at the start, fixed edges included. */
export function initialTemperature(input: HeatInput): TemperatureAt {
  const { rows, columns, ambient, edges } = input
  const inside = shapeOf(input)
  if (edges === 'INSULATED') return inside
  return (row, column) =>
    row === 0 || column === 0 || row === rows - 1 || column === columns - 1 ? ambient : inside(row, column)
}

function shapeOf(input: HeatInput): TemperatureAt {
  const { initial } = input
  switch (initial.shape) {
    case 'HOT_SPOTS':
      return hotSpots(input, initial)
    case 'CHECKERBOARD':
      return checkerboard(input, initial)
    case 'WAVE':
      return wave(input, initial)
  }
}

function hotSpots({ rows, columns, ambient }: HeatInput, { spots }: Shape<'HOT_SPOTS'>): TemperatureAt {
  const side = Math.max(rows, columns) - 1
  return (row, column) => {
    const spot = spots.findLast(
      ({ across, down, radius }) =>
        (column - across * (columns - 1)) ** 2 + (row - down * (rows - 1)) ** 2 <= (radius * side) ** 2,
    )
    return spot?.temperature ?? ambient
  }
}

function checkerboard({ rows, columns, ambient }: HeatInput, initial: Shape<'CHECKERBOARD'>): TemperatureAt {
  const square = Math.max(rows, columns) / initial.squares
  return (row, column) =>
    (Math.floor(row / square) + Math.floor(column / square)) % 2 === 0 ? initial.temperature : ambient
}

/** Eigenvectors of the step: with fixed edges the outermost points are nodes, with insulated ones half a point lies beyond. */
function wave({ rows, columns, ambient, edges }: HeatInput, initial: Shape<'WAVE'>): TemperatureAt {
  const along = (point: number, points: number, halves: number): number =>
    edges === 'FIXED'
      ? Math.sin((Math.PI * halves * point) / (points - 1))
      : Math.cos((Math.PI * halves * (point + 0.5)) / points)
  const across = Float64Array.from({ length: columns }, (_, column) => along(column, columns, initial.across))
  const down = Float64Array.from({ length: rows }, (_, row) => along(row, rows, initial.down))
  return (row, column) => ambient + initial.amplitude * (down[row] ?? 0) * (across[column] ?? 0)
}
