import { describe, expect, it } from 'vitest'
import { createRecordedDistribution } from '../../../src/core/recorded-distribution.ts'

describe('a recorded distribution', () => {
  it('has nothing to tell before anything was recorded', () => {
    const nothing = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 }
    expect(createRecordedDistribution().read()).toEqual(nothing)
  })

  it('tells mean and percentiles to 1 in 100, below a millisecond too', () => {
    const distribution = createRecordedDistribution()
    for (let n = 1; n <= 1000; n += 1) distribution.record(n / 100)
    const told = distribution.read()
    expect(told.count).toBe(1000)
    for (const [name, expected] of [
      ['mean', 5.005],
      ['p50', 5],
      ['p95', 9.5],
      ['p99', 9.9],
      ['max', 10],
    ] as const) {
      expect([name, Math.abs(told[name] / expected - 1) < 0.011]).toEqual([name, true])
    }
  })

  it('takes what a clock that was turned back makes of a length of time, and years', () => {
    const distribution = createRecordedDistribution()
    distribution.record(-5)
    distribution.record(0)
    distribution.record(1e15)
    const { count, p50, max } = distribution.read()
    expect([count, p50]).toEqual([3, 0.001])
    expect(max).toBeGreaterThan(29 * 24 * 3600 * 1000)
  })
})
