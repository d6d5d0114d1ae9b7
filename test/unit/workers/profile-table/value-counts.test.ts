import { describe, expect, it } from 'vitest'
import { createHyperLogLog } from '../../../../src/workers/tasks/profile-table/hyper-log-log.ts'
import { createValueCounts } from '../../../../src/workers/tasks/profile-table/value-counts.ts'

describe('HyperLogLog', () => {
  it.each([0, 1, 10, 1_000, 20_000, 50_000, 100_000, 300_000])(
    'estimates the number of %i different texts',
    (count) => {
      for (const prefix of ['', 'customer ']) {
        const sketch = createHyperLogLog()
        for (let index = 0; index < count; index += 1) sketch.add(`${prefix}${index}`)
        // Four times the standard error of 0.8 %.
        expect(Math.abs(sketch.estimate() - count)).toBeLessThanOrEqual(Math.ceil(count * 0.03))
      }
    },
  )

  it('does not count a text twice', () => {
    const sketch = createHyperLogLog()
    for (let index = 0; index < 100_000; index += 1) sketch.add(`text ${index % 100}`)
    expect(Math.abs(sketch.estimate() - 100)).toBeLessThanOrEqual(1)
  })
})

describe('value counts', () => {
  const length = (text: string): number => text.length

  it('are exact up to the limit, with ties in the order of appearance', () => {
    const counts = createValueCounts(4, length)
    for (const text of ['b', 'a', 'c', 'a', 'd', 'c']) counts.add(text)
    expect(counts.distinct).toBe(4)
    expect(counts.isEstimate).toBe(false)
    expect(counts.top(3)).toEqual([
      { value: 'a', count: 2 },
      { value: 'c', count: 2 },
    ])
    expect(counts.top(4).map(({ value }) => value)).toEqual(['a', 'c', 'b', 'd'])
  })

  it('read each text once while it is known', () => {
    const read: string[] = []
    const counts = createValueCounts(10, (text) => {
      read.push(text)
      return text.toUpperCase()
    })
    expect(['a', 'b', 'a', 'a'].map((text) => counts.add(text))).toEqual(['A', 'B', 'A', 'A'])
    expect(read).toEqual(['a', 'b'])
  })

  it('find what is surely frequent beyond the limit, never counted too high', () => {
    const counts = createValueCounts(1_000, length)
    const total = 200_000
    let frequent = 0
    for (let index = 0; index < total; index += 1) {
      const isFrequent = index % 5 === 0
      if (isFrequent) frequent += 1
      counts.add(isFrequent ? 'frequent' : `rare ${index}`)
    }
    expect(counts.isEstimate).toBe(true)
    expect(Math.abs(counts.distinct / (total * 0.8 + 1) - 1)).toBeLessThan(0.03)
    const [first, ...others] = counts.top(10)
    expect(first?.value).toBe('frequent')
    expect(first?.count).toBeLessThanOrEqual(frequent)
    // What is lost is at most what was taken away each time: the number of values by half the limit.
    expect(first?.count).toBeGreaterThanOrEqual(frequent - total / 500)
    expect(others).toEqual([])
  })

  it('tell long texts apart that start alike, and show their start', () => {
    const counts = createValueCounts(10, length)
    const start = 'x'.repeat(300)
    for (const text of [`${start}1`, `${start}2`, `${start}1`]) counts.add(text)
    expect(counts.distinct).toBe(2)
    expect(counts.top(10)).toEqual([
      { value: `${'x'.repeat(99)}…`, count: 2 },
      { value: `${'x'.repeat(99)}…`, count: 1 },
    ])
  })
})
