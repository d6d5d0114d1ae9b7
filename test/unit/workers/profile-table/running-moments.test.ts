import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRunningMoments } from '../../../../src/workers/tasks/profile-table/running-moments.ts'

function momentsOf(values: readonly number[]) {
  const moments = createRunningMoments()
  for (const value of values) moments.add(value)
  return moments
}

describe('running moments', () => {
  it('are those of the textbook example', () => {
    // The eight values with mean 5 and population deviation 2; the sample deviation is the square root of 32 / 7.
    const moments = momentsOf([2, 4, 4, 4, 5, 5, 7, 9])
    expect(moments).toMatchObject({ count: 8, min: 2, max: 9, mean: 5 })
    expect(moments.standardDeviation).toBeCloseTo(Math.sqrt(32 / 7), 14)
  })

  it('keep their precision where the mean is large beside the spread', () => {
    const moments = momentsOf([4, 7, 13, 16].map((value) => value + 1e9))
    expect(moments.mean).toBe(1e9 + 10)
    expect(moments.standardDeviation).toBe(Math.sqrt(30))
  })

  it('leave no rounding of a million additions in the mean', () => {
    const moments = createRunningMoments()
    for (let index = 0; index < 1_000_000; index += 1) moments.add(0.1)
    expect(moments.mean).toBe(0.1)
    expect(moments.standardDeviation).toBeCloseTo(0, 15)
  })

  it('do not exist without values, nor a deviation for one', () => {
    expect(momentsOf([])).toMatchObject({ count: 0, mean: null, standardDeviation: null })
    expect(momentsOf([3])).toMatchObject({ count: 1, mean: 3, standardDeviation: null })
  })

  it('are finite or nothing where numbers run out', () => {
    expect(momentsOf([1e308, 1e308, 1e308])).toMatchObject({ mean: 1e308 })
    const apart = momentsOf([-1.7e308, 1.7e308])
    expect(apart.mean === null || Number.isFinite(apart.mean)).toBe(true)
    expect(apart.standardDeviation).toBeNull()
  })

  it('agree with two passes over the values', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 200 }), (values) => {
        const mean = values.reduce((sum, x) => sum + x, 0) / values.length
        const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1)
        const moments = momentsOf(values)
        expect(moments.mean).toBeCloseTo(mean, 6)
        expect(moments.standardDeviation).toBeCloseTo(Math.sqrt(variance), 6)
      }),
    )
  })
})
