import { describe, expect, it } from 'vitest'
import { lotOf } from '../../../../src/workers/tasks/profile-table/mix-bits.ts'
import { quantile } from '../../../../src/workers/tasks/profile-table/quantiles.ts'
import { createValueSample } from '../../../../src/workers/tasks/profile-table/value-sample.ts'

function sampleOf(count: number, limit: number, value: (index: number) => number = (index) => index) {
  const sample = createValueSample(limit)
  for (let index = 0; index < count; index += 1) sample.add(value(index), lotOf(index))
  return sample
}

describe('a sample of values', () => {
  it('is all of them, sorted, up to its limit', () => {
    const sample = sampleOf(5_000, 5_000, (index) => 5_000 - index)
    expect(sample.isWhole).toBe(true)
    expect(sample.count).toBe(5_000)
    expect([...sample.sorted()]).toEqual(Array.from({ length: 5_000 }, (_, index) => index + 1))
  })

  it('has the size of its limit beyond it, and is of the values that were added', () => {
    const sample = sampleOf(100_000, 1_000)
    const sorted = sample.sorted()
    expect(sample.isWhole).toBe(false)
    expect(sample.count).toBe(100_000)
    expect(sorted).toHaveLength(1_000)
    expect(new Set(sorted).size).toBe(1_000)
    expect(sorted.every((value) => Number.isInteger(value) && value >= 0 && value < 100_000)).toBe(true)
  })

  it('represents early and late values alike', () => {
    // The standard error of a quantile of 10,000 out of a uniform distribution is at most 0.5 %.
    const sorted = sampleOf(1_000_000, 10_000).sorted()
    for (const p of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      expect(Math.abs((quantile(sorted, p) ?? 0) / 1_000_000 - p)).toBeLessThan(0.02)
    }
  })

  it('is the same for the same values, however they are parted and whoever asked in between', () => {
    const whole = sampleOf(50_000, 100).sorted()
    expect(sampleOf(50_000, 100).sorted()).toEqual(whole)
    for (const parts of [2, 3, 7]) {
      const merged = createValueSample(100)
      for (let part = 0; part < parts; part += 1) {
        const sample = createValueSample(100)
        for (let index = part; index < 50_000; index += parts) {
          sample.add(index, lotOf(index))
          if (index % 9_999 === 0) sample.sorted()
        }
        merged.merge(structuredClone(sample.state()))
      }
      expect(merged.count).toBe(50_000)
      expect(merged.sorted()).toEqual(whole)
    }
  })

  it('is whole when the parts together are within the limit', () => {
    const merged = createValueSample(100)
    merged.merge(sampleOf(60, 100).state())
    merged.merge(sampleOf(40, 100, (index) => 60 + index).state())
    expect(merged.isWhole).toBe(true)
    expect([...merged.sorted()]).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })
})
