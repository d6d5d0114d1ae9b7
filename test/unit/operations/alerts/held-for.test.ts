import { expect, it } from 'vitest'
import { heldFor } from '../../../../src/services/operations/alerts/held-for.ts'

/** What it says at each look, one a second. */
const looks = (pattern: string, isHeld = heldFor({ riseMs: 3_000, fallMs: 5_000 })) =>
  [...pattern].map((isSo, second) => (isHeld(isSo === '#', second * 1_000) ? '#' : '.')).join('')

it('counts once it has been so for long enough without a break, and until it has not been for long enough', () => {
  const seen = '###.####..#......#'
  const held = '.......#########..'
  expect(looks(seen)).toBe(held)
})

it('takes the word of who knows since when', () => {
  const isHeld = heldFor({ riseMs: 3_000, fallMs: 5_000 })
  expect(isHeld(true, 10_000, 8_000)).toBe(false)
  expect(isHeld(true, 11_000)).toBe(true)
  expect(isHeld(false, 12_000, 6_000)).toBe(false)
})
