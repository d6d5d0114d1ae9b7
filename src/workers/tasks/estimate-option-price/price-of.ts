import type { z } from '../../../task.ts'
import { geometricAsianPrice } from './geometric-asian-price.ts'
import { standardErrorOf, type Moments } from './moments.ts'
import type { OptionTerms, priceEstimate } from './option-terms.ts'

/** The two-sided 95 % quantile of the normal distribution. */
const quantile = 1.959963984540054

/** The price that the pairs of paths so far give, today's money. */
export function priceOf(terms: OptionTerms, moments: Moments): z.output<typeof priceEstimate> {
  const discount = Math.exp(-terms.rate * terms.years)
  // The samples of an Asian option are what it pays over its control variate.
  const control = terms.style === 'ASIAN' ? geometricAsianPrice(terms) : 0
  const price = discount * moments.mean + control
  const standardError = discount * standardErrorOf(moments)
  return {
    price,
    standardError,
    interval: { low: price - quantile * standardError, high: price + quantile * standardError },
    paths: 2 * moments.count,
  }
}
