import { describe, expect, it } from 'vitest'
import { createColumnProfile } from '../../../../src/workers/tasks/profile-table/column-profile.ts'
import { lotOf } from '../../../../src/workers/tasks/profile-table/mix-bits.ts'
import { createValueCounts } from '../../../../src/workers/tasks/profile-table/value-counts.ts'

describe('the profile of a column', () => {
  it('never has more different cells than filled ones, even where the estimate is over', () => {
    const column = createColumnProfile({ name: 'n', nulls: new Set(), limits: { distinct: 16, values: 16 } })
    const counts = createValueCounts(16, () => null)
    let over = 0
    for (let n = 1; n <= 20_000; n += 1) {
      column.add(`key ${n}`, lotOf(n))
      column.add('', lotOf(n))
      counts.add(`key ${n}`)
      if (n % 1_000 !== 0) continue
      if (counts.distinct > n) over += 1
      expect(column.soFar().distinct).toBe(Math.min(counts.distinct, n))
      expect(column.statistics()).toMatchObject({ distinct: Math.min(counts.distinct, n), distinctIsEstimate: true })
    }
    expect(over).toBeGreaterThan(0)
  })
})
