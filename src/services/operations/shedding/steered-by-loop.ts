import type { PressureLaw } from './pressure.ts'
import { fallPerSecond, riseOf } from './rise-and-fall.ts'

export interface LoopLoad {
  /** How late the loop was all the time, in ms. */
  readonly delayMs: number
  /** How late it is at the moment, smoothed: it tells sooner than what was so all the time. */
  readonly turnMs: number
  /** Which part of the time it was busy, 0 to 1, smoothed. */
  readonly utilisation: number
  readonly limitMs: number
}

/** From where on a loop has no time left to wait: below it, it is not late all the time, however long its turns. */
export const busyUtilisation = 0.9
/** While it is busy, what is refused keeps it from being late: the pressure does not fall to nothing, where it would be at its limit again at once. */
const leastWhenBusy = 0.01
/** Where refusing alone is too much already, a little is served all the same: 1 in 70 of the queries, by which it is seen how late they are. */
const most = 0.995
/**
 * Of the limit, what the delay is steered to: with a limit of 10 ms turns of 0.8 ms, so that what is accepted waits little longer than
 * under normal load (`npm run bench overload` holds it to three times as long).
 */
const aim = 0.08
/**
 * How fast the pressure follows the delay, per second and times the logarithm of how many times the aim it is: at most 0.09 a second, slow
 * beside the quarter of a second in which turns are smoothed. With it the pressure does not return to none under the load of that benchmark.
 */
const steerPerSecond = 0.03
/** The greatest logarithm that counts, about 20 times the aim: a single long turn is no reason to leap. */
const mostLogarithm = 3

/**
 * Pressure that rises while the loop is late all the time, and is steered then, by how long its turns are, as long as it is busy:
 * without that it would fall, let the load in, and rise again. Where there is time to wait it falls, faster the more of it.
 */
export function steeredByLoop({ delayMs, turnMs, utilisation, limitMs }: LoopLoad): PressureLaw {
  const isBusy = utilisation > busyUtilisation

  function perSecond(before: number): number {
    if (delayMs > limitMs) return riseOf({ value: delayMs, limit: limitMs, most })
    if (before === 0) return 0
    if (!isBusy) return -fallPerSecond * (1 - utilisation / busyUtilisation)
    const logarithm = Math.log(turnMs / (limitMs * aim))
    return steerPerSecond * Math.min(mostLogarithm, Math.max(-mostLogarithm, logarithm))
  }

  return (before, ms) => {
    const floor = isBusy ? Math.min(before, leastWhenBusy) : 0
    return Math.min(most, Math.max(floor, before + (perSecond(before) * ms) / 1_000))
  }
}
