import { describe, expect, it } from 'vitest'
import { optionTerms } from '../../../../src/workers/tasks/estimate-option-price/option-terms.ts'

const terms = { spot: 42, strike: 40, rate: 0.1, volatility: 0.2, years: 0.5 }

describe('the terms of an option', () => {
  it.each([
    [{ style: 'UP_AND_OUT' }, 'barrier', 'UP_AND_OUT needs a barrier above the spot.'],
    [{ style: 'UP_AND_OUT', barrier: 42 }, 'barrier', 'UP_AND_OUT needs a barrier above the spot.'],
    [{ style: 'DOWN_AND_OUT', barrier: 43 }, 'barrier', 'DOWN_AND_OUT needs a barrier below the spot.'],
    [{ barrier: 50 }, 'barrier', 'Only UP_AND_OUT and DOWN_AND_OUT have a barrier.'],
    [{ style: 'ASIAN', steps: 10_000, paths: 2_000_000 }, 'paths', 'Steps times paths may be 10,000,000,000 at most.'],
  ])('%j are refused, and it is said why', (overrides, path, message) => {
    expect(optionTerms.safeParse({ ...terms, ...overrides }).error?.issues).toMatchObject([{ path: [path], message }])
  })

  it('of a European option may have any number of steps, because it takes one', () => {
    expect(optionTerms.safeParse({ ...terms, steps: 10_000, paths: 200_000_000 }).success).toBe(true)
  })
})
