import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDateRange } from '../../../../src/workers/tasks/profile-table/date-range.ts'
import { createHyperLogLog } from '../../../../src/workers/tasks/profile-table/hyper-log-log.ts'
import { createRunningMoments } from '../../../../src/workers/tasks/profile-table/running-moments.ts'
import { createValueCounts } from '../../../../src/workers/tasks/profile-table/value-counts.ts'

/** The list in pieces, some of them empty. */
const pieces = <Value>(value: fc.Arbitrary<Value>) => fc.array(fc.array(value, { maxLength: 60 }), { maxLength: 6 })

describe('statistics of parts, put together', () => {
  it('have the moments of the whole', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(pieces(value), (parts) => {
        const merged = createRunningMoments()
        const whole = createRunningMoments()
        for (const part of parts) {
          const moments = createRunningMoments()
          for (const x of part) moments.add(x)
          for (const x of part) whole.add(x)
          merged.merge(structuredClone(moments.state()))
        }
        expect([merged.count, merged.min, merged.max]).toEqual([whole.count, whole.min, whole.max])
        expect(merged.mean ?? 0).toBeCloseTo(whole.mean ?? 0, 9)
        expect(merged.standardDeviation ?? 0).toBeCloseTo(whole.standardDeviation ?? 0, 6)
      }),
    )
  })

  it('lose no precision where the mean is large beside the spread', () => {
    const merged = createRunningMoments()
    for (const part of [[4, 7], [13], [16]]) {
      const moments = createRunningMoments()
      for (const x of part) moments.add(x + 1e9)
      merged.merge(moments.state())
    }
    expect(merged.mean).toBe(1e9 + 10)
    expect(merged.standardDeviation).toBeCloseTo(Math.sqrt(30), 12)
  })

  it('count as the whole does, up to the limit, in the order of appearance', () => {
    const text = fc.string({ minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(pieces(text), (parts) => {
        const merged = createValueCounts(10_000, () => null)
        const whole = createValueCounts(10_000, () => null)
        for (const part of parts) {
          const counts = createValueCounts(10_000, () => null)
          for (const each of part) counts.add(each)
          for (const each of part) whole.add(each)
          merged.merge(structuredClone(counts.state()))
        }
        expect(merged.state()).toEqual(whole.state())
        expect(merged.top(10)).toEqual(whole.top(10))
      }),
    )
  })

  it('estimate beyond the limit what the whole estimates, and know what is surely frequent', () => {
    const limit = 2_000
    const merged = createValueCounts(limit, () => null)
    const running = createValueCounts(limit, () => null)
    const whole = createValueCounts(limit, () => null)
    let frequent = 0
    // The third part has few texts, all of which the others have too.
    for (const length of [60_000, 90_000, 100]) {
      const counts = createValueCounts(limit, () => null)
      for (let index = 0; index < length; index += 1) {
        const text = index % 5 === 0 ? 'frequent' : `rare ${index}`
        if (text === 'frequent') frequent += 1
        counts.add(text)
        whole.add(text)
      }
      merged.merge(structuredClone(counts.state()))
      running.merge(structuredClone(counts.state(true)))
    }
    expect(whole.isEstimate).toBe(true)
    expect([merged.isEstimate, merged.distinct]).toEqual([true, whole.distinct])
    expect(running.distinct).toBe(whole.distinct)
    const [first, ...others] = merged.top(10)
    expect(first?.value).toBe('frequent')
    expect(first?.count).toBeLessThanOrEqual(frequent)
    expect(first?.count).toBeGreaterThan(frequent - 1_000)
    expect(others).toEqual([])
  })

  it('become an estimate where only the whole is over the limit', () => {
    const merged = createValueCounts(100, () => null)
    for (const part of [0, 1]) {
      const counts = createValueCounts(100, () => null)
      for (let index = 0; index < 90; index += 1) counts.add(`${part} ${index}`)
      expect(counts.isEstimate).toBe(false)
      merged.merge(counts.state())
    }
    expect(merged.isEstimate).toBe(true)
    expect(Math.abs(merged.distinct - 180)).toBeLessThan(6)
  })

  it('are the same registers of a sketch', () => {
    const [one, two, all] = [createHyperLogLog(), createHyperLogLog(), createHyperLogLog()]
    for (let index = 0; index < 20_000; index += 1) {
      all.add(`text ${index}`)
      if (index < 12_000) one.add(`text ${index}`)
      if (index > 8_000) two.add(`text ${index}`)
    }
    one.merge(two.ranks)
    expect(one.ranks).toEqual(all.ranks)
    expect(one.estimate()).toBe(all.estimate())
  })

  it('have the first and the last date, as the first of them that came was written', () => {
    const merged = createDateRange()
    for (const part of [[], ['2', '1 '], ['1', '3'], ['3 ', '2']]) {
      const range = createDateRange()
      for (const text of part) range.add(Number(text), `day ${text}`)
      merged.merge(range.state())
    }
    expect(merged.state()).toEqual({ first: { time: 1, text: 'day 1' }, last: { time: 3, text: 'day 3' } })
  })
})
