import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { histogram, maxBins, quantile } from '../../../../src/workers/tasks/profile-table/quantiles.ts'

describe('quantiles', () => {
  it('are those of type 7', () => {
    // numpy.quantile([1, 2, 3, 4, 10], [0, .05, .25, .5, .75, .95, 1]), as R's default gives them too.
    const values = Float64Array.of(1, 2, 3, 4, 10)
    const at = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1].map((p) => quantile(values, p))
    const expected = [1, 1.2, 2, 3, 4, 8.8, 10]
    for (const [index, value] of at.entries()) expect(value).toBeCloseTo(expected[index] ?? 0, 12)
    expect(quantile(Float64Array.of(1, 2, 3, 4), 0.5)).toBe(2.5)
  })

  it('are the one value of one value, and nothing of none', () => {
    expect(quantile(Float64Array.of(7), 0.95)).toBe(7)
    expect(quantile(new Float64Array(0), 0.5)).toBeNull()
  })

  it('stay within the values, however large they are', () => {
    expect(quantile(Float64Array.of(-1.7e308, 1.7e308), 0.5)).toBe(0)
  })
})

describe('a histogram', () => {
  it('has a bin for each whole number within 20', () => {
    expect(histogram(Float64Array.of(3, 3, 4, 6), 3, 6, 4)).toEqual([
      { from: 3, to: 4, count: 2 },
      { from: 4, to: 5, count: 1 },
      { from: 5, to: 6, count: 0 },
      { from: 6, to: 7, count: 1 },
    ])
    expect(histogram(Float64Array.of(5, 5), 5, 5, 2)).toEqual([{ from: 5, to: 6, count: 2 }])
  })

  it('has bins of equal width, the last with its upper edge', () => {
    expect(histogram(Float64Array.of(0, 0.5, 0.75, 1), 0, 1, 4)).toEqual([
      { from: 0, to: 1 / 3, count: 1 },
      { from: 1 / 3, to: 2 / 3, count: 1 },
      { from: 2 / 3, to: 1, count: 2 },
    ])
    expect(histogram(Float64Array.of(2.5, 2.5), 2.5, 2.5, 2)).toEqual([{ from: 2.5, to: 2.5, count: 2 }])
    expect(histogram(new Float64Array(0), 0, 0, 0)).toEqual([])
  })

  it('counts every value once, in the bin whose edges it lies between', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
        const sorted = Float64Array.from(values).toSorted()
        const [min = 0] = sorted
        const max = sorted.at(-1) ?? 0
        const bins = histogram(sorted, min, max, values.length)
        expect(bins.length).toBeLessThanOrEqual(maxBins)
        for (const [index, { from, to, count }] of bins.entries()) {
          const last = index === bins.length - 1
          expect(count).toBe(values.filter((x) => x >= from && (last ? x <= to || x === from : x < to)).length)
          expect(bins[index + 1]?.from ?? to).toBe(to)
        }
      }),
    )
  })

  it('scales the counts of a sample up to all values', () => {
    const bins = histogram(Float64Array.of(0, 1, 1, 2), 0, 2, 1_001)
    expect(bins.map((bin) => bin.count)).toEqual([250, 501, 250])
  })
})
