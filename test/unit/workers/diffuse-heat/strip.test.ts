import { describe, expect, it } from 'vitest'
import { heatOf, spread, sum } from './spread.ts'

describe('heat on a plate', () => {
  it.each([[[10]], [[4, 8, 12, 26]], [[15, 20]]])('is the same to the last bit when the plate is cut at %j', (cuts) => {
    for (const edges of ['FIXED', 'INSULATED'] as const) {
      const input = heatOf({ edges })
      expect(spread(input, 0.2, 101, cuts)).toEqual(spread(input, 0.2, 101))
    }
  })

  it('never gets warmer than the warmest or colder than the coldest point was', () => {
    for (const edges of ['FIXED', 'INSULATED'] as const) {
      let bounds = { min: -50, max: 100 }
      for (const steps of [0, 1, 10, 100]) {
        const temperatures = spread(heatOf({ edges }), 0.25, steps)
        const now = { min: Math.min(...temperatures), max: Math.max(...temperatures) }
        expect(now.min).toBeGreaterThanOrEqual(bounds.min)
        expect(now.max).toBeLessThanOrEqual(bounds.max)
        bounds = now
      }
    }
  })

  it('is conserved between insulated edges', () => {
    const input = heatOf({ edges: 'INSULATED' })
    const before = sum(spread(input, 0.2, 0))
    expect(Math.abs(sum(spread(input, 0.2, 1_000)) / before - 1)).toBeLessThan(1e-12)
  })

  it('comes to the mean between insulated edges, and to the temperature of the edges between fixed ones', () => {
    const insulated = heatOf({ edges: 'INSULATED', columns: 16, rows: 16 })
    const mean = sum(spread(insulated, 0.2, 0)) / 256
    for (const temperature of spread(insulated, 0.2, 5_000)) expect(temperature).toBeCloseTo(mean, 9)
    const fixed = heatOf({ columns: 16, rows: 16, ambient: 7 })
    for (const temperature of spread(fixed, 0.2, 5_000)) expect(temperature).toBeCloseTo(7, 9)
  })

  it('leaves fixed edges as they are', () => {
    const temperatures = spread(heatOf({ ambient: 7 }), 0.2, 50)
    const edge = temperatures.filter((_, i) => i < 40 || i >= 29 * 40 || i % 40 === 0 || i % 40 === 39)
    expect(new Set(edge)).toEqual(new Set([7]))
  })

  it('spreads as far as the heat kernel says: the mean square distance grows by 4 α t', () => {
    const point = { across: 0.5, down: 0.5, radius: 0, temperature: 1 }
    const input = heatOf({ columns: 101, rows: 101, ambient: 0, initial: { shape: 'HOT_SPOTS', spots: [point] } })
    const temperatures = spread(input, 0.2, 60)
    const squares = temperatures.map(
      (temperature, i) => temperature * ((Math.floor(i / 101) - 50) ** 2 + ((i % 101) - 50) ** 2),
    )
    expect(sum(squares)).toBeCloseTo(4 * 0.2 * 60, 9)
  })
})
