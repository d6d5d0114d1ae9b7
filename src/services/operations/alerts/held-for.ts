/** How long something must be so before it counts, and how long not before it counts no more, in ms. */
export interface HoldTimes {
  readonly riseMs: number
  readonly fallMs: number
}

/**
 * Steadies what is looked at again and again: says whether it counts, which it does once it was so at each look for `riseMs`, until it was
 * not so at each look for `fallMs`. `since` is for who knows that it has been so, or not, for longer than it was looked at.
 */
export function heldFor({ riseMs, fallMs }: HoldTimes): (isSo: boolean, now: number, since?: number) => boolean {
  let counts = false
  /** Since when it has been otherwise than it counts. */
  let otherwiseSince: number | null = null
  return (isSo, now, since = now) => {
    if (isSo === counts) otherwiseSince = null
    else {
      otherwiseSince = Math.min(otherwiseSince ?? since, since, now)
      if (now - otherwiseSince >= (isSo ? riseMs : fallMs)) {
        counts = isSo
        otherwiseSince = null
      }
    }
    return counts
  }
}
