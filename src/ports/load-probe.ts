/** The event loop since it was asked before. */
export interface LoopSample {
  /** How long a turn of the loop took on average, without the time in which it waited for something to do, in ms: how late an answer is by it. */
  readonly turnMs: number
  /** Which part of the time it was busy, 0 to 1. */
  readonly utilisation: number
}

/** Measures this process. A call takes microseconds. One reader: what was told of the loop is not told again. */
export interface LoadProbe {
  readLoop(): LoopSample
}
