import { backoffMs } from '../../core/backoff.ts'
import type { Job, JobAttempt, JobError } from '../../core/job.ts'
import type { JobTransition } from '../../core/job-transitions.ts'
import type { RetryPolicy } from '../../ports/compute-pool.ts'
import type { JobChange } from '../../ports/ledger.ts'
import { changeState } from './change-state.ts'
import type { JobRecords } from './write-jobs.ts'

/** How an attempt came to its end, whatever becomes of the job. */
export type AttemptEnd =
  | {
      readonly type: 'succeeded'
      readonly outputJson: string
      /** For how long the result is remembered; `null`: not at all. */
      readonly memoizeForMs: number | null
    }
  | {
      readonly type: 'failed'
      readonly error: JobError
      /** How often it may be tried; `null` where another attempt would end the same way. */
      readonly retries: RetryPolicy | null
    }
  /** The thread stopped because it was told to. */
  | { readonly type: 'stopped' }
  /** The thread or its process went away by itself. */
  | { readonly type: 'lost'; readonly message: string }
  /** The node shuts down, or had to let go of it. */
  | { readonly type: 'handedBack' }

/** What is to be known of the end besides what it was. */
export interface EndFacts {
  /** Milliseconds since 1970. */
  readonly at: number
  /** What the attempt used of CPU time, where that is known. */
  readonly cpuMs?: number | null
  /** A number from 0 to 1 for the pause before another attempt; random unless a test says otherwise. */
  readonly random?: (() => number) | undefined
}

/** What an attempt's end made of its job. */
export interface Settled {
  readonly job: Job
  /** Of files that the attempt wrote for nothing: to be cleared away (`clearBlobs`) after the commit. */
  readonly hashes: readonly string[]
}

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
 * Writes the end of an attempt: the job's new state, its event, the attempt's and what becomes of its result and its files,
 * in one transaction. A job whose cancel was asked for ends CANCELLED whatever came of the attempt. `null` when the attempt
 * was no longer the job's (its fence is stale).
 */
export async function settleAttempt(
  records: JobRecords,
  { id, fence, ...job }: Job,
  end: AttemptEnd,
  facts: EndFacts,
): Promise<Settled | null> {
  const { at, cpuMs = null } = facts
  const { transition, change, outcome, error } = consequenceOf(job, end, facts)
  const settled =
    (await changeState(records, id, transition, { guard: { fence, cancelRequested: false }, change, at })) ??
    (await changeState(records, id, 'cancelled', { guard: { fence, cancelRequested: true }, at }))
  if (settled === null) return null
  const cancelled = settled.state === 'CANCELLED'
  await records.ledger.endAttempt({
    jobId: id,
    fence,
    finishedAt: at,
    outcome: cancelled ? 'CANCELLED' : outcome,
    error: cancelled ? null : error,
    cpuMs,
  })
  if (settled.state !== 'SUCCEEDED') return { job: settled, hashes: await records.ledger.dropWritten(id, fence) }
  await remember(records, settled, end, at)
  return { job: settled, hashes: [] }
}

async function remember({ ledger }: Pick<JobRecords, 'ledger'>, job: Job, end: AttemptEnd, at: number): Promise<void> {
  if (end.type !== 'succeeded' || end.memoizeForMs === null || job.memoKey === null) return
  await ledger.memoize(job, at + end.memoizeForMs)
}

type Counts = Pick<Job, 'attempts' | 'losses'>

function consequenceOf(job: Counts, end: AttemptEnd, facts: EndFacts): Consequence {
  switch (end.type) {
    case 'succeeded': {
      const change = { outputJson: end.outputJson, error: null }
      return { transition: 'succeeded', change, outcome: 'SUCCEEDED', error: null }
    }
    case 'failed':
      return failure(job, end.error, end.retries, facts)
    case 'handedBack':
      return { transition: 'handedBack', change: notStarted, outcome: 'HANDED_BACK', error: null }
    case 'stopped':
      return loss(job, 'The thread stopped although nobody had asked for it.')
    case 'lost':
      return loss(job, end.message)
  }
}

function failure(
  job: Counts,
  error: JobError,
  retries: RetryPolicy | null,
  { at, random = Math.random }: EndFacts,
): Consequence {
  const counts = error.code === 'TASK_ERROR' || error.code === 'TIMEOUT'
  const attempts = job.attempts + (counts ? 1 : 0)
  const change = { error, attempts }
  if (!counts || retries === null || attempts >= retries.attempts) {
    return { transition: 'failed', change, outcome: 'FAILED', error }
  }
  const runAt = at + backoffMs(attempts, { ...retries, random })
  return { transition: 'retried', change: { ...change, ...notStarted, runAt }, outcome: 'FAILED', error }
}

function loss(job: Counts, message: string): Consequence {
  const losses = job.losses + 1
  const error: JobError = { code: 'CRASHED', message }
  if (losses < maxLosses) return { transition: 'lost', change: { ...notStarted, losses }, outcome: 'LOST', error }
  const final = { ...error, message: `The process or thread that ran it went away ${losses} times. ${message}` }
  return { transition: 'crashed', change: { losses, error: final }, outcome: 'LOST', error }
}
