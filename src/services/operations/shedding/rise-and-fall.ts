import type { PressureLaw } from './pressure.ts'

export interface Judged {
  readonly value: number
  readonly limit: number
  /** Below the limit: down to it the pressure rises on, so that it does not go up and down around the limit. */
  readonly aim: number
  /** Up to which pressure it can bring it, 0 to 1: what it says nothing about is not refused for it. */
  readonly most: number
}

/**
 * Of `most`, per second, when the value is just over its limit: all of it after ten seconds, so that what passes by itself within a
 * second or two costs next to nothing. Chosen, not measured.
 */
const risePerSecond = 0.1
/**
 * The rise goes by the square of how many times over the limit it is, up to so many times: with 8 the pressure is at its height within
 * 200 ms, which is no more than the sensors look back.
 */
const mostRatio = 8
/** Under two seconds from 1 to nothing: slower than a heavy rise, so that what comes back at once meets some of it. Chosen, not measured. */
export const fallPerSecond = 0.6

/** Per second, of a value that is over its limit. */
export function riseOf({ value, limit, most }: Omit<Judged, 'aim'>): number {
  return most * risePerSecond * Math.min(mostRatio, value / limit) ** 2
}

/** Pressure that rises while the value is over its limit, and falls when it is below its aim. */
export function riseAndFall(judged: Judged): PressureLaw {
  const { value, limit, aim, most } = judged

  function perSecond(before: number): number {
    if (value > limit) return riseOf(judged)
    if (before > 0 && value > aim) return most * risePerSecond
    return -fallPerSecond
  }

  return (before, ms) => Math.min(most, Math.max(0, before + (perSecond(before) * ms) / 1_000))
}
