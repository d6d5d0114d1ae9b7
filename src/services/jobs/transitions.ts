import type { JobState } from '../../core/job.ts'

/**
 * What can happen to a job: the states in which it can, and the state that follows. Every change of a state goes through
 * this table. The last four of `jobStates` are in no `from`: they are never left.
 */
export const transitions = {
  /** Its time has come. */
  promoted: { from: ['SCHEDULED'], to: 'QUEUED' },
  /** A node took it; the ledger's `claim` does this to many at once. */
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

/** The state after the transition, `null` where a job in that state cannot undergo it. */
export function stateAfter(state: JobState, transition: JobTransition): JobState | null {
  const { from, to }: { readonly from: readonly JobState[]; readonly to: JobState } = transitions[transition]
  return from.includes(state) ? to : null
}
