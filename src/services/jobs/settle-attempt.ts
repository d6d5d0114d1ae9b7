import type { Job, JobError } from '../../core/job.ts'
import type { JobTransition } from '../../core/job-transitions.ts'
import type { JobAttempt, JobChange } from '../../ports/ledger.ts'
import type { Records } from '../../ports/store.ts'
import { changeState } from './change-state.ts'

/** How an attempt came to its end, whatever becomes of the job. */
export type AttemptEnd =
  | { readonly type: 'succeeded'; readonly output: unknown }
  | { readonly type: 'failed'; readonly error: JobError }
  /** The thread stopped because it was told to. */
  | { readonly type: 'stopped' }
  /** The thread or its process went away by itself. */
  | { readonly type: 'lost'; readonly message: string }
  /** The node shuts down. */
  | { readonly type: 'handedBack' }

/** So often may a job's process or thread go away; then the job itself is suspected of it. */
const maxLosses = 3

interface Consequence {
  readonly transition: JobTransition
  readonly change: Omit<JobChange, 'state'>
  readonly outcome: NonNullable<JobAttempt['outcome']>
  readonly error: JobError | null
}

/** What a job forgets of an attempt when it waits for another one. */
const notStarted = { nodeId: null, startedAt: null, progress: null }

/**
 * Writes the end of an attempt: the job's new state, its event and the attempt's, in one transaction. A job whose cancel was
 * asked for ends CANCELLED whatever came of the attempt. `null` when the attempt was no longer the job's (its fence is stale).
 */
export async function settleAttempt(records: Records, job: Job, end: AttemptEnd, at: number): Promise<Job | null> {
  const { fence } = job
  const { transition, change, outcome, error } = consequenceOf(job, end)
  const settled =
    (await changeState(records, job.id, transition, { guard: { fence, cancelRequested: false }, change, at })) ??
    (await changeState(records, job.id, 'cancelled', { guard: { fence, cancelRequested: true }, at }))
  if (settled === null) return null
  const cancelled = settled.state === 'CANCELLED'
  await records.ledger.endAttempt({
    jobId: job.id,
    fence,
    finishedAt: at,
    outcome: cancelled ? 'CANCELLED' : outcome,
    error: cancelled ? null : error,
  })
  return settled
}

function consequenceOf(job: Job, end: AttemptEnd): Consequence {
  switch (end.type) {
    case 'succeeded':
      return { transition: 'succeeded', change: { output: end.output }, outcome: 'SUCCEEDED', error: null }
    case 'failed':
      return failure(job, end.error)
    case 'handedBack':
      return { transition: 'handedBack', change: notStarted, outcome: 'HANDED_BACK', error: null }
    case 'stopped':
      return loss(job, 'The thread stopped although nobody had asked for it.')
    case 'lost':
      return loss(job, end.message)
  }
}

function failure(job: Job, error: JobError): Consequence {
  const counts = error.code === 'TASK_ERROR' || error.code === 'TIMEOUT'
  const change = { error, attempts: job.attempts + (counts ? 1 : 0) }
  return { transition: 'failed', change, outcome: 'FAILED', error }
}

function loss(job: Job, message: string): Consequence {
  const losses = job.losses + 1
  const error: JobError = { code: 'CRASHED', message }
  if (losses < maxLosses) return { transition: 'lost', change: { ...notStarted, losses }, outcome: 'LOST', error }
  const final = { ...error, message: `The process or thread that ran it went away ${losses} times. ${message}` }
  return { transition: 'crashed', change: { losses, error: final }, outcome: 'LOST', error }
}
