import { describe, expect, it } from 'vitest'
import { growthOf } from '../../../../src/services/operations/memory/growth-of.ts'
import { createHeldWindow } from '../../../../src/services/operations/memory/held-window.ts'

const minute = 60_000
const points = (bytes: readonly number[]) => bytes.map((each, index) => ({ at: index * minute, bytes: each }))

describe('growth by points', () => {
  it('is the median of all slopes, and the part of the pairs that rise', () => {
    expect(growthOf(points([0, 10, 20, 30]))).toEqual({
      bytesPerMinute: 10,
      risingPairs: 1,
      points: 4,
      overMs: 3 * minute,
    })
    expect(growthOf(points([30, 30, 30]))).toMatchObject({ bytesPerMinute: 0, risingPairs: 0 })
    expect(growthOf(points([0, 10, 5]))).toMatchObject({ bytesPerMinute: 2.5, risingPairs: 2 / 3 })
    expect(growthOf(points([40, 20]))).toMatchObject({ bytesPerMinute: -20, risingPairs: 0 })
  })

  it('is not moved by a wild point', () => {
    expect(growthOf(points([0, 10, 20, 9_000, 40, 50, 60]))?.bytesPerMinute).toBe(10)
  })

  it('is nothing without two points in time', () => {
    expect(growthOf([])).toBeNull()
    expect(growthOf(points([1]))).toBeNull()
    expect(growthOf([...points([1]), ...points([2])])).toBeNull()
  })
})

describe('a window of what was held', () => {
  it('keeps the lowest of what lies close together, and nothing that is old', () => {
    const window = createHeldWindow({ windowMs: 10 * minute, maxPoints: 5 })
    for (let at = 0; at < 100 * minute; at += minute / 4) window.add({ at, bytes: at % minute === 0 ? 5 : 9 })
    const kept = window.read()
    expect(kept.length).toBeLessThanOrEqual(5)
    expect(kept.every(({ at, bytes }) => at > 89 * minute && bytes === 5)).toBe(true)
  })
})
