import { heatInput, type HeatInput } from '../../../../src/workers/tasks/diffuse-heat/heat-input.ts'
import { initialTemperature } from '../../../../src/workers/tasks/diffuse-heat/initial-temperature.ts'
import { createStrip, type Strip } from '../../../../src/workers/tasks/diffuse-heat/strip.ts'
import type { z } from '../../../../src/task.ts'

const depth = 4

/** A plate of 40 times 30 points, cold but for two spots. */
export function heatOf(overrides: Partial<z.input<typeof heatInput>> = {}): HeatInput {
  const spots = [
    { across: 0.3, down: 0.4, radius: 0.2, temperature: 100 },
    { across: 0.9, down: 0.95, radius: 0.1, temperature: -50 },
  ]
  return heatInput.parse({ columns: 40, rows: 30, initial: { shape: 'HOT_SPOTS', spots }, ...overrides })
}

/** All temperatures after some steps, row by row, of a plate that is cut before the rows of `cuts`. */
export function spread(input: HeatInput, ratio: number, steps: number, cuts: readonly number[] = []): Float64Array {
  const bounds = [0, ...cuts, input.rows]
  const strips = bounds.slice(1).map((end, i) => {
    const range = { first: bounds[i] ?? 0, end }
    return createStrip({ ...input, ratio }, range, depth, initialTemperature(input))
  })
  for (let step = 0; step < steps; step += depth) {
    exchange(strips)
    for (const strip of strips) strip.advance(Math.min(depth, steps - step))
  }
  return Float64Array.from(
    strips.flatMap(({ range, row }) =>
      Array.from({ length: range.end - range.first }, (_, i) => [...row(range.first + i)]).flat(),
    ),
  )
}

function exchange(strips: readonly Strip[]): void {
  for (const [i, strip] of strips.entries()) {
    const above = strips[i - 1]
    if (above === undefined) continue
    const lower = strip.edge('above')
    strip.setHalo('above', above.edge('below'))
    above.setHalo('below', lower)
  }
}

export function sum(temperatures: Float64Array): number {
  return temperatures.reduce((total, temperature) => total + temperature, 0)
}
