import { nextNormal } from './next-normal.ts'
import type { OptionTerms } from './option-terms.ts'
import type { Xoshiro128 } from './xoshiro128.ts'

/**
 * Draws a price path and its mirror image (antithetic variates: every random number with both signs) and answers the mean of
 * what the option then pays at expiry.
 */
export type PairSampler = (state: Xoshiro128) => number

/** The sampler of an option under geometric Brownian motion, whose steps are exact: only the looking is discrete. */
export function pairSampler(terms: OptionTerms): PairSampler {
  if (terms.style === 'EUROPEAN') return europeanSampler(terms)
  return terms.style === 'ASIAN' ? asianSampler(terms) : barrierSampler(terms)
}

/** What a price is multiplied with in one of `steps` steps: `growth * exp(spread * normal)`. */
function stepOf(
  { rate, dividendYield, volatility, years }: OptionTerms,
  steps: number,
): { readonly growth: number; readonly spread: number } {
  const step = years / steps
  return {
    growth: Math.exp((rate - dividendYield - (volatility * volatility) / 2) * step),
    spread: volatility * Math.sqrt(step),
  }
}

function europeanSampler(terms: OptionTerms): PairSampler {
  const { growth, spread } = stepOf(terms, 1)
  const { strike } = terms
  const sign = signOf(terms)
  const middle = terms.spot * growth
  return (state) => {
    const factor = Math.exp(spread * nextNormal(state))
    return (Math.max(0, sign * (middle * factor - strike)) + Math.max(0, sign * (middle / factor - strike))) / 2
  }
}

/**
 * Answers what the arithmetic mean pays over the geometric mean of the same path, whose price is known in closed form
 * (Kemna and Vorst, Journal of Banking and Finance 14, 1990): as control variate it takes away most of the variance.
 */
function asianSampler(terms: OptionTerms): PairSampler {
  const { spot, strike, steps } = terms
  const { growth, spread } = stepOf(terms, steps)
  const sign = signOf(terms)
  const middle = spot * growth ** ((steps + 1) / 2)
  return (state) => {
    let [up, down, sumUp, sumDown, walk, sumWalk] = [spot, spot, 0, 0, 0, 0]
    for (let i = 0; i < steps; i += 1) {
      const normal = nextNormal(state)
      const factor = Math.exp(spread * normal)
      walk += normal
      sumWalk += walk
      up *= growth * factor
      down *= growth / factor
      sumUp += up
      sumDown += down
    }
    const geometric = Math.exp((spread * sumWalk) / steps)
    const paidUp = Math.max(0, sign * (sumUp / steps - strike)) - Math.max(0, sign * (middle * geometric - strike))
    const paidDown = Math.max(0, sign * (sumDown / steps - strike)) - Math.max(0, sign * (middle / geometric - strike))
    return (paidUp + paidDown) / 2
  }
}

function barrierSampler(terms: OptionTerms): PairSampler {
  const { spot, strike, steps, barrier } = terms
  const { growth, spread } = stepOf(terms, steps)
  const sign = signOf(terms)
  // Beyond is above for one and below for the other.
  const side = terms.style === 'UP_AND_OUT' ? 1 : -1
  const edge = side * (barrier ?? side * Infinity)
  return (state) => {
    let [up, down, lives, mirrorLives] = [spot, spot, true, true]
    for (let i = 0; i < steps && (lives || mirrorLives); i += 1) {
      const factor = Math.exp(spread * nextNormal(state))
      up *= growth * factor
      down *= growth / factor
      if (side * up >= edge) lives = false
      if (side * down >= edge) mirrorLives = false
    }
    const paid = lives ? Math.max(0, sign * (up - strike)) : 0
    return (paid + (mirrorLives ? Math.max(0, sign * (down - strike)) : 0)) / 2
  }
}

function signOf({ kind }: OptionTerms): number {
  return kind === 'CALL' ? 1 : -1
}
