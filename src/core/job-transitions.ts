import type { JobState } from './job.ts'

/**
 * What can happen to a job: the states in which it can, and the state that follows. Every change of a state reads this
 * table: `changeState` for one job, the ledger's `claim` and `promote` for many at once. The last four of `jobStates` are
 * in no `from`: they are never left.
 */
export const transitions = {
  /** Its time has come; what the ledger's `promote` does. */
  promoted: { from: ['SCHEDULED'], to: 'QUEUED' },
  /** A node took it; what the ledger's `claim` does. */
  claimed: { from: ['QUEUED'], to: 'RUNNING' },
  succeeded: { from: ['RUNNING'], to: 'SUCCEEDED' },
  failed: { from: ['RUNNING'], to: 'FAILED' },
  /** Its process or thread went away: it is run again. */
  lost: { from: ['RUNNING'], to: 'QUEUED' },
  /** Its process or thread went away as often as is put up with. */
  crashed: { from: ['RUNNING'], to: 'FAILED' },
  /** The node shuts down and had no time to finish it. */
  handedBack: { from: ['RUNNING'], to: 'QUEUED' },
  /** It was asked to stop before it ran. */
  withdrawn: { from: ['SCHEDULED', 'QUEUED'], to: 'CANCELLED' },
  /** It was asked to stop while it ran, and has. */
  cancelled: { from: ['RUNNING'], to: 'CANCELLED' },
} as const satisfies Record<string, { readonly from: readonly JobState[]; readonly to: JobState }>

export type JobTransition = keyof typeof transitions
