import { describe, expect, it } from 'vitest'
import { limitsHere } from '../../../../src/services/operations/memory/limits-here.ts'

const limits = { heapBytes: 1_000, rssBytes: 2_000, externalBytes: 500 }

describe('the limits of memory', () => {
  it('are those that were set where there is more than that to be had', () => {
    expect(limitsHere(limits, { heapBytes: 4_000, confinedBytes: 8_000 })).toEqual(limits)
    expect(limitsHere(limits, { heapBytes: 4_000, confinedBytes: 0 })).toEqual(limits)
  })

  it('come before the end of what there is to be had', () => {
    expect(limitsHere(limits, { heapBytes: 800, confinedBytes: 1_000 })).toEqual({
      heapBytes: 680,
      rssBytes: 850,
      externalBytes: 500,
    })
  })
})
