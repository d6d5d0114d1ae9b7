import type { JobState } from './job.ts'

/** How a job begins. */
export const entrances = {
  queued: { to: 'QUEUED', means: 'entered' },
  scheduled: { to: 'SCHEDULED', means: 'entered for later' },
  memoized: { to: 'SUCCEEDED', means: 'entered, and given a remembered result' },
} as const satisfies Record<string, { readonly to: JobState; readonly means: string }>

/**
 * What can happen to a job: the states in which it can, the state that follows, and what it means. Every change of a state
 * reads this table: `changeState` for one job, the ledger's `claim`, `promote` and `expire` for many at once. The last four
 * of `jobStates` are in no `from`: they are never left. `docs/jobs.md` draws it.
 */
export const transitions = {
  promoted: { from: ['SCHEDULED'], to: 'QUEUED', means: 'its time has come' },
  claimed: { from: ['QUEUED'], to: 'RUNNING', means: 'a node took it' },
  succeeded: { from: ['RUNNING'], to: 'SUCCEEDED', means: 'it has a result' },
  failed: { from: ['RUNNING'], to: 'FAILED', means: 'it failed for good' },
  retried: { from: ['RUNNING'], to: 'SCHEDULED', means: 'an attempt failed, another follows after a pause' },
  lost: { from: ['RUNNING'], to: 'QUEUED', means: 'its thread or process went away' },
  crashed: { from: ['RUNNING'], to: 'FAILED', means: 'its thread or process went away too often' },
  handedBack: { from: ['RUNNING'], to: 'QUEUED', means: 'its node shut down first, or had to let go of it' },
  withdrawn: { from: ['SCHEDULED', 'QUEUED'], to: 'CANCELLED', means: 'asked to stop before it ran' },
  cancelled: { from: ['RUNNING'], to: 'CANCELLED', means: 'asked to stop while it ran' },
  unwanted: { from: ['QUEUED'], to: 'FAILED', means: 'no node has had its task for a minute' },
  expired: { from: ['SCHEDULED', 'QUEUED'], to: 'EXPIRED', means: 'not begun in time' },
} as const satisfies Record<
  string,
  { readonly from: readonly JobState[]; readonly to: JobState; readonly means: string }
>

export type JobTransition = keyof typeof transitions
