/** How often memory is looked at, and how long things must last to count. All in ms but the counts. */
export interface MemoryPace {
  /** How often samples of the process are taken, and of its threads. */
  readonly sampleMs: number
  readonly threadsMs: number
  /** For how long after its start nothing is held against a process: it loads code and fills caches. */
  readonly warmUpMs: number
  /** For how long samples must stay over something to count. */
  readonly steadyMs: number
  /** Growth is judged by points of so long a time, at most so many of them. */
  readonly windowMs: number
  readonly maxPoints: number
  /** With fewer points, or over a shorter time, nothing is said about growth. */
  readonly minPoints: number
  readonly minSpanMs: number
  /** From so many times the baseline on, and so many bytes more than it, a heap that grows is worth a look. */
  readonly grownTimes: number
  readonly grownBytes: number
  /** At least so long lies between two collections that are asked for. */
  readonly askMs: number
  /** The longer one takes, the later the next, so that this part of the time is spent on them, but not later than `mostMs`. */
  readonly pauseShare: number
  readonly mostMs: number
}

/**
 * Caches that fill within ten minutes are no growth, and neither is what is given back every 15. A collection takes
 * 0.5 to 1 ms for each MB that is held. While there is a reason to, one is asked for every 2 minutes, from about 300 MB on every 4:
 * at 1 GB the event loop stands still for 0.4 % of the time.
 */
export const usualPace: MemoryPace = {
  sampleMs: 5_000,
  threadsMs: 10_000,
  warmUpMs: 60_000,
  steadyMs: 60_000,
  windowMs: 30 * 60_000,
  maxPoints: 60,
  minPoints: 6,
  minSpanMs: 20 * 60_000,
  grownTimes: 1.5,
  grownBytes: 64 * 2 ** 20,
  askMs: 2 * 60_000,
  pauseShare: 0.002,
  mostMs: 4 * 60_000,
}
