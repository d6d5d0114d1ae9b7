import { describe, expect, it } from 'vitest'
import { durationMs } from '../../../../src/workers/thread/duration-ms.ts'

describe('a length of time', () => {
  it.each([
    ['1s', 1_000],
    ['90s', 90_000],
    ['15m', 900_000],
    ['1.5h', 5_400_000],
    ['30d', 2_592_000_000],
    ['3653d', 3653 * 86_400_000],
  ])('is read: %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms)
  })

  it.each(['', '30', 'd', '0s', '0.5s', '-1d', '1e3s', ' 1d', '1 d', '1w', '3654d', '9999999999s', 30, null])(
    'is none: %s',
    (value) => {
      expect(durationMs(value)).toBeNull()
    },
  )
})
