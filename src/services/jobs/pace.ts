/** How fast attempts end on a node: as many as will end within moments may be claimed before there are threads for them. */
export interface Pace {
  /** Notes that one has ended. */
  ended(): void
  /** How many may be claimed ahead of free threads. */
  readonly ahead: number
}

/** How long a job may be expected to wait on the node that claims it ahead, in ms. */
const aheadMs = 20
const maxAhead = 64
/** What a node begins with, so that it claims nothing ahead before some twenty attempts have ended quickly, in ms. */
const firstGapMs = 200

/** A pace by the mean time between two ends. `now` is in ms. */
export function createPace(now: () => number = () => performance.now()): Pace {
  let lastEnd = now()
  let gapMs = firstGapMs

  return {
    ended() {
      const at = now()
      gapMs = 0.9 * gapMs + 0.1 * (at - lastEnd)
      lastEnd = at
    },
    get ahead() {
      // Where nothing ends any more, nothing is claimed ahead.
      return Math.min(maxAhead, Math.floor(aheadMs / Math.max(gapMs, now() - lastEnd)))
    },
  }
}
