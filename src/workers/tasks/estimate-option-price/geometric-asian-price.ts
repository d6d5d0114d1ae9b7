import type { OptionTerms } from './option-terms.ts'

/** The price of the option on the geometric mean, which is log-normal (Kemna and Vorst 1990, with a finite number of steps). */
export function geometricAsianPrice(terms: OptionTerms): number {
  const { spot, strike, rate, volatility, years, dividendYield, steps } = terms
  const drift = rate - dividendYield - (volatility * volatility) / 2
  const logMean = Math.log(spot) + (drift * years * (steps + 1)) / (2 * steps)
  const logVariance = (volatility * volatility * years * (steps + 1) * (2 * steps + 1)) / (6 * steps * steps)
  const deviation = Math.sqrt(logVariance)
  const sign = terms.kind === 'CALL' ? 1 : -1
  const d = (logMean - Math.log(strike)) / deviation
  const mean = Math.exp(logMean + logVariance / 2)
  const paid = mean * normalCdf(sign * (d + deviation)) - strike * normalCdf(sign * d)
  return Math.exp(-rate * years) * sign * paid
}

/** The standard normal distribution function by its series (Marsaglia, Journal of Statistical Software 11, 2004), to 1e-15. */
export function normalCdf(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0
  let term = x
  let sum = x
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (x * x) / i
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}
