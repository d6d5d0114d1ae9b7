import { describe, expect, it } from 'vitest'
import { createLeast } from '../../../../src/services/operations/shedding/least.ts'

describe('the least of a window', () => {
  it('is what was so all the time', () => {
    const least = createLeast({ windowMs: 200, fewest: 3 })
    for (const [at, value] of [
      [0, 30],
      [50, 12],
      [100, 40],
    ] as const)
      least.add(value, at)
    expect(least.read(100)).toBe(12)
    least.add(50, 150)
    expect(least.read(150)).toBe(12)
    least.add(60, 251)
    expect(least.read(251)).toBe(40)
  })

  it('is not that of too few samples, as after a single stall', () => {
    const least = createLeast({ windowMs: 200, fewest: 3, oldestMs: 2_000 })
    least.add(0, 0)
    least.add(0, 50)
    least.add(0, 100)
    least.add(400, 500)
    expect(least.read(500)).toBe(0)
    least.add(300, 850)
    expect(least.read(850)).toBe(0)
    // It is always so, however seldom there is time to look.
    least.add(350, 1_200)
    expect(least.read(1_200)).toBe(300)
    expect(least.read(5_000)).toBeNull()
  })

  it('holds no more than a bound, and keeps the least of those that came together', () => {
    const least = createLeast({ windowMs: 1_000, fewest: 1 })
    for (let i = 0; i < 100_000; i += 1) least.add(i === 99_000 ? 1 : 5, i / 100)
    expect(least.read(1_000)).toBe(1)
    expect(least.read(1_980)).toBe(1)
    expect(least.read(2_100)).toBeNull()
  })
})
