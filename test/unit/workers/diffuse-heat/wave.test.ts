import { describe, expect, it } from 'vitest'
import { initialTemperature } from '../../../../src/workers/tasks/diffuse-heat/initial-temperature.ts'
import { ratioOf, stepsOf } from '../../../../src/workers/tasks/diffuse-heat/time-steps.ts'
import { heatOf, spread } from './spread.ts'

/** How much of a wave is left after a step, the eigenvalue of the five-point stencil: 1 − 4 r (sin² θ/2 + sin² φ/2). */
const eigenvalue = (ratio: number, ...angles: readonly number[]): number =>
  1 - 4 * ratio * angles.reduce((total, angle) => total + Math.sin(angle / 2) ** 2, 0)

const ambient = 20

describe('a standing wave', () => {
  it.each([
    { edges: 'FIXED', across: 1, down: 1, angles: [Math.PI / 32, Math.PI / 48] },
    { edges: 'FIXED', across: 3, down: 7, angles: [(3 * Math.PI) / 32, (7 * Math.PI) / 48] },
    { edges: 'INSULATED', across: 2, down: 0, angles: [(2 * Math.PI) / 33] },
    { edges: 'INSULATED', across: 5, down: 4, angles: [(5 * Math.PI) / 33, (4 * Math.PI) / 49] },
  ] as const)('between $edges edges keeps its form and decays by the exact eigenvalue', (wave) => {
    const { edges, across, down, angles } = wave
    const initial = { shape: 'WAVE', across, down, amplitude: 1 } as const
    const input = heatOf({ columns: 33, rows: 49, edges, ambient: 0, initial })
    const start = initialTemperature(input)
    const left = eigenvalue(0.2, ...angles) ** 200
    const errors = spread(input, 0.2, 200, [16]).map((temperature, i) =>
      Math.abs(temperature - left * start(Math.floor(i / 33), i % 33)),
    )
    expect(Math.max(...errors)).toBeLessThan(1e-12)
  })

  it('decays as the heat equation says, exp(−2 π² α t / L²), but for the grid: four times nearer on one twice as fine', () => {
    const relativeError = (points: number): number => {
      const length = 100
      const course = { columns: points, rows: points, spacing: length / (points - 1), diffusivity: 111, seconds: 10 }
      const input = heatOf({ ...course, ambient, initial: { shape: 'WAVE', amplitude: 80 } })
      const temperatures = spread(input, ratioOf(input), stepsOf(input))
      const middle = (temperatures[((points - 1) / 2) * (points + 1)] ?? 0) - ambient
      return middle / (80 * Math.exp((-2 * Math.PI ** 2 * 111 * 10) / length ** 2)) - 1
    }
    const [coarse, fine] = [relativeError(17), relativeError(33)]
    expect(Math.abs(coarse)).toBeLessThan(0.01)
    expect(coarse / fine).toBeCloseTo(4, 1)
  })
})
