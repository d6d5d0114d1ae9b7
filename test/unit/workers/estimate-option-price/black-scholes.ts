import { normalCdf } from '../../../../src/workers/tasks/estimate-option-price/geometric-asian-price.ts'

export interface EuropeanTerms {
  readonly spot: number
  readonly strike: number
  readonly rate: number
  readonly volatility: number
  readonly years: number
  readonly dividendYield?: number
}

/** Black, Scholes and Merton's closed form. */
export function blackScholes(kind: 'CALL' | 'PUT', terms: EuropeanTerms): number {
  const { spot, strike, rate, volatility, years, dividendYield = 0 } = terms
  const deviation = volatility * Math.sqrt(years)
  const d1 = (Math.log(spot / strike) + (rate - dividendYield) * years) / deviation + deviation / 2
  const sign = kind === 'CALL' ? 1 : -1
  const today = spot * Math.exp(-dividendYield * years) * normalCdf(sign * d1)
  return sign * (today - strike * Math.exp(-rate * years) * normalCdf(sign * (d1 - deviation)))
}
