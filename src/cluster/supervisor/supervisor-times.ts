import type { BackoffOptions } from '../../core/backoff.ts'

/** The limits of supervision. Times in ms. */
export interface SupervisorTimes {
  /** Between two looks at all members; each is told `alive` so often. */
  readonly tickMs: number
  /** After how long without a word a member is killed. */
  readonly silentMs: number
  /** After how long without a word a member is killed that holds the store's lock at two looks in a row. */
  readonly suspectMs: number
  /** How long an announced pause may be at most. */
  readonly maxPauseMs: number
  /** How long a member may take until it is ready. */
  readonly startMs: number
  /** How much longer than it was given a member may take to drain. */
  readonly graceMs: number
  /** Whoever ends sooner after it was ready ended early. */
  readonly steadyMs: number
  /** After how many early ends in a row there is no other try. */
  readonly maxEarlyEnds: number
  /** The pauses between early ends; the first of them is followed at once. */
  readonly backoff: BackoffOptions
  /** How long a member may take to tell its load. */
  readonly loadMs: number
}

export const supervisorTimes: SupervisorTimes = {
  tickMs: 1_000,
  silentMs: 15_000,
  suspectMs: 3_000,
  maxPauseMs: 600_000,
  startMs: 180_000,
  graceMs: 5_000,
  steadyMs: 10_000,
  maxEarlyEnds: 10,
  backoff: { baseMs: 100, capMs: 30_000 },
  loadMs: 500,
}
