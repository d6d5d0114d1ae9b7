import { describe, expect, it } from 'vitest'
import { blackScholes } from './black-scholes.ts'
import { estimate } from './estimate.ts'

/** Hull, "Options, Futures, and Other Derivatives", the example of the Black-Scholes-Merton formulas: call 4.76, put 0.81. */
const hull = { spot: 42, strike: 40, rate: 0.1, volatility: 0.2, years: 0.5 }

describe('a European option', () => {
  it('of the textbook costs what the textbook says', () => {
    const call = estimate({ ...hull, kind: 'CALL', paths: 4_000_000 })
    const put = estimate({ ...hull, kind: 'PUT', paths: 4_000_000 })
    expect(call.price.toFixed(2)).toBe('4.76')
    expect(put.price.toFixed(2)).toBe('0.81')
    expect(call.standardError).toBeLessThan(0.002)
  })

  it.each([
    ['in the money', hull],
    ['far out of the money', { ...hull, strike: 60, volatility: 0.4 }],
    ['that pays dividends', { ...hull, dividendYield: 0.07, years: 3 }],
    ['at a negative rate', { ...hull, rate: -0.02 }],
    ['that hardly moves', { ...hull, volatility: 0.0001 }],
  ])('%s costs what the closed form says, within the interval', (_, terms) => {
    for (const kind of ['CALL', 'PUT'] as const) {
      const { price, standardError } = estimate({ ...terms, kind, paths: 400_000 })
      expect(Math.abs(price - blackScholes(kind, terms))).toBeLessThanOrEqual(2.5 * standardError + 1e-4)
    }
  })

  it('keeps the put-call parity on the same paths', () => {
    const terms = { ...hull, dividendYield: 0.03, paths: 1_000_000 }
    const difference = estimate({ ...terms, kind: 'CALL' }).price - estimate({ ...terms, kind: 'PUT' }).price
    const forward = 42 * Math.exp(-0.03 * 0.5) - 40 * Math.exp(-0.1 * 0.5)
    expect(difference).toBeCloseTo(forward, 2)
  })

  it('is inside its 95 % interval for about 95 of 100 seeds', () => {
    const truth = blackScholes('CALL', hull)
    const hits = Array.from({ length: 400 }, (_, seed) => estimate({ ...hull, seed, paths: 4_000 })).filter(
      ({ interval }) => interval.low <= truth && truth <= interval.high,
    ).length
    // Four standard deviations of that count: sqrt(400 · 0.95 · 0.05) is 4.4.
    expect(Math.abs(hits - 380)).toBeLessThan(18)
  })
})
