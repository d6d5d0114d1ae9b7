import { expect, it } from 'vitest'
import { toldSeldom } from '../../../src/adapters/redis/told-seldom.ts'

it('tells at once, and then at most once a minute how often it was', () => {
  let now = 0
  const told: unknown[] = []
  const note = toldSeldom(
    (count, channel) => told.push([count, channel]),
    () => now,
  )
  for (now = 0; now < 60_000; now += 1000) note('a')
  expect(told).toEqual([[1, 'a']])
  note('b')
  note('c')
  now += 60_000
  note('d')
  expect(told).toEqual([
    [1, 'a'],
    [60, 'b'],
    [2, 'd'],
  ])
})
