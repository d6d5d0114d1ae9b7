import { expect, it } from 'vitest'
import { normalCdf } from '../../../../src/workers/tasks/estimate-option-price/geometric-asian-price.ts'
import { nextNormal } from '../../../../src/workers/tasks/estimate-option-price/next-normal.ts'
import { seedXoshiro128 } from '../../../../src/workers/tasks/estimate-option-price/xoshiro128.ts'

const count = 1_000_000

function draw(seed: number): Float64Array {
  const state = seedXoshiro128(seed)
  return Float64Array.from({ length: count }, () => nextNormal(state))
}

it('draws numbers whose distribution is the normal one, by Kolmogorov and Smirnov', () => {
  const sorted = draw(7).toSorted()
  const distance = sorted.reduce((most, x, i) => Math.max(most, Math.abs(normalCdf(x) - (i + 0.5) / count)), 0)
  // Further off than this are 5 of 100 samples of a true normal distribution.
  expect(distance * Math.sqrt(count)).toBeLessThan(1.358)
})

it('draws numbers with the moments of the normal distribution', () => {
  const numbers = draw(1)
  const moment = (power: number): number => numbers.reduce((sum, x) => sum + x ** power, 0) / count
  // Four standard deviations of each moment's estimate: the variances of x, x², x³ and x⁴ are 1, 2, 15 and 96.
  const within = (variance: number): number => 4 * Math.sqrt(variance / count)
  expect(Math.abs(moment(1))).toBeLessThan(within(1))
  expect(Math.abs(moment(2) - 1)).toBeLessThan(within(2))
  expect(Math.abs(moment(3))).toBeLessThan(within(15))
  expect(Math.abs(moment(4) - 3)).toBeLessThan(within(96))
})

it('draws from the tails as often as the normal distribution has them', () => {
  // Beyond 3.4426 begins the part of the ziggurat that is drawn in another way.
  for (const edge of [3, 3.442619855899, 4]) {
    const expected = 2 * count * normalCdf(-edge)
    const beyond = draw(3).filter((x) => Math.abs(x) > edge).length
    expect(Math.abs(beyond - expected), `beyond ${edge}`).toBeLessThan(4 * Math.sqrt(expected))
  }
})
