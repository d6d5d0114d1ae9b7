import { describe, expect, it } from 'vitest'
import {
  jumpXoshiro128,
  nextInt32,
  seedXoshiro128,
} from '../../../../src/workers/tasks/estimate-option-price/xoshiro128.ts'

const next = (state: Int32Array): number => nextInt32(state) >>> 0

describe('xoshiro128++', () => {
  it('gives the numbers of the reference implementation', () => {
    const state = Int32Array.of(1, 2, 3, 4)
    const published = [
      641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
    ]
    expect(published.map(() => next(state))).toEqual(published)
  })

  it('jumps to where the reference implementation jumps', () => {
    const state = Int32Array.of(1, 2, 3, 4)
    jumpXoshiro128(state)
    expect([...state].map((word) => word >>> 0)).toEqual([2843103750, 2038079848, 1533207345, 44816753])
  })

  it('is seeded by SplitMix64, as the generator of that name in the Rust crate rand is', () => {
    const state = seedXoshiro128(0)
    const published = [
      1179900579, 1938959192, 3089844957, 3657088315, 1015453891, 479942911, 3433842246, 669252886, 3985671746,
      2737205563,
    ]
    expect(published.map(() => next(state))).toEqual(published)
  })
})
