import type { Clock } from '../../src/core/clock.ts'

/** A clock that stands still until a test moves it. */
export function fakeClock(start = Date.UTC(2030, 0, 1)): Clock & { advance(ms: number): void } {
  let now = start
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
  }
}
