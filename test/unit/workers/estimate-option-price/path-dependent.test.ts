import { describe, expect, it } from 'vitest'
import {
  geometricAsianPrice,
  normalCdf,
} from '../../../../src/workers/tasks/estimate-option-price/geometric-asian-price.ts'
import { optionTerms } from '../../../../src/workers/tasks/estimate-option-price/option-terms.ts'
import { blackScholes } from './black-scholes.ts'
import { estimate } from './estimate.ts'

describe('an Asian option', () => {
  // Exact prices of continuously averaged calls of strike 2: V. Linetsky, "Spectral expansions for Asian (average price)
  // options", Operations Research 52 (2004), table 3.
  it.each([
    { rate: 0.02, volatility: 0.1, years: 1, spot: 2, published: 0.0559860415 },
    { rate: 0.18, volatility: 0.3, years: 1, spot: 2, published: 0.2183875466 },
    { rate: 0.0125, volatility: 0.25, years: 2, spot: 2, published: 0.172268741 },
    { rate: 0.05, volatility: 0.5, years: 1, spot: 1.9, published: 0.1931737903 },
    { rate: 0.05, volatility: 0.5, years: 1, spot: 2.1, published: 0.3062203648 },
    { rate: 0.05, volatility: 0.5, years: 2, spot: 2, published: 0.350095219 },
  ])('costs $published as published, but for the steps', ({ published, ...terms }) => {
    const { price, standardError } = estimate({ ...terms, strike: 2, style: 'ASIAN', steps: 500, paths: 10_000 })
    // A mean of 500 prices, the first of which is known one step less, differs from the continuous one by up to 1/500.
    expect(Math.abs(price - published)).toBeLessThan(2.5 * standardError + published / 500)
    expect(standardError).toBeLessThan(published / 300)
  })

  it('with one step is a European option', () => {
    const terms = { spot: 42, strike: 40, rate: 0.1, volatility: 0.2, years: 0.5, dividendYield: 0.01 }
    for (const kind of ['CALL', 'PUT'] as const) {
      const { price } = estimate({ ...terms, kind, style: 'ASIAN', steps: 1, paths: 1_000 })
      expect(price).toBeCloseTo(blackScholes(kind, terms), 12)
    }
  })

  it('keeps its put-call parity, which the mean of the forward prices gives', () => {
    const terms = { spot: 42, strike: 40, rate: 0.1, volatility: 0.2, years: 0.5, style: 'ASIAN', steps: 12 } as const
    const call = estimate({ ...terms, kind: 'CALL', paths: 100_000 })
    const put = estimate({ ...terms, kind: 'PUT', paths: 100_000 })
    const forwards = Array.from({ length: 12 }, (_, i) => 42 * Math.exp((0.1 * 0.5 * (i + 1)) / 12))
    const mean = forwards.reduce((sum, forward) => sum + forward, 0) / 12
    expect(call.price - put.price).toBeCloseTo(Math.exp(-0.05) * (mean - 40), 3)
  })

  it('on the geometric mean costs what is published', () => {
    // Haug, "The Complete Guide to Option Pricing Formulas", geometric average-rate option: continuous average, put 4.6922.
    const terms = { spot: 80, strike: 85, rate: 0.05, dividendYield: -0.03, volatility: 0.2, years: 0.25 }
    const price = geometricAsianPrice(optionTerms.parse({ ...terms, kind: 'PUT', style: 'ASIAN', steps: 10_000 }))
    expect(price).toBeCloseTo(4.6922, 3)
  })
})

describe('a barrier option', () => {
  const terms = { spot: 100, strike: 100, rate: 0.08, volatility: 0.25, years: 0.5, dividendYield: 0.04 }
  /** With steps instead of a continuous look the barrier is as if it lay further off: Broadie, Glasserman and Kou 1997. */
  const shift = (steps: number): number => Math.exp(0.5826 * terms.volatility * Math.sqrt(terms.years / steps))

  it('that goes down and out costs what the closed form says', () => {
    const steps = 100
    const exact = downAndOutCall({ ...terms, barrier: 95 / shift(steps) })
    const { price, standardError } = estimate({
      ...terms,
      style: 'DOWN_AND_OUT',
      barrier: 95,
      steps,
      paths: 100_000,
    })
    expect(Math.abs(price - exact)).toBeLessThan(2.5 * standardError + 0.005)
  })

  it('costs less the oftener one looks, and never more than one without a barrier', () => {
    const price = (steps: number): number =>
      estimate({ ...terms, style: 'UP_AND_OUT', barrier: 120, steps, paths: 100_000 }).price
    const prices = [price(1), price(10), price(100)]
    expect(prices.toSorted((a, b) => b - a)).toEqual(prices)
    expect(prices[0]).toBeLessThan(blackScholes('CALL', terms))
  })

  it('whose barrier is out of reach is a European option', () => {
    for (const [style, barrier] of [
      ['UP_AND_OUT', 1e9],
      ['DOWN_AND_OUT', 0.001],
    ] as const) {
      const { price, standardError } = estimate({ ...terms, style, barrier, steps: 4, paths: 100_000 })
      expect(Math.abs(price - blackScholes('CALL', terms))).toBeLessThan(2.5 * standardError)
    }
  })
})

/** Merton's closed form (1973) for a barrier at or below the strike that is looked at all the time. */
function downAndOutCall(terms: Parameters<typeof blackScholes>[1] & { readonly barrier: number }): number {
  const { spot, strike, rate, volatility, years, dividendYield = 0, barrier } = terms
  const deviation = volatility * Math.sqrt(years)
  const power = (rate - dividendYield) / volatility ** 2 + 0.5
  const y = Math.log(barrier ** 2 / (spot * strike)) / deviation + power * deviation
  const reflected =
    spot * Math.exp(-dividendYield * years) * (barrier / spot) ** (2 * power) * normalCdf(y) -
    strike * Math.exp(-rate * years) * (barrier / spot) ** (2 * power - 2) * normalCdf(y - deviation)
  return blackScholes('CALL', terms) - reflected
}
