import type { Page } from './page.ts'

/** The states of a job; the last four are terminal and never left. */
export const jobStates = ['SCHEDULED', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'] as const

export type JobState = (typeof jobStates)[number]

/** Why a job failed. */
export const jobErrorCodes = [
  'TASK_ERROR',
  'INVALID_OUTPUT',
  'TIMEOUT',
  'CRASHED',
  'OUT_OF_MEMORY',
  'UNKNOWN_TASK',
] as const

export type JobErrorCode = (typeof jobErrorCodes)[number]

export interface JobError {
  readonly code: JobErrorCode
  readonly message: string
}

export interface Progress {
  /** From 0 to 1. */
  readonly fraction: number
  readonly message: string | null
}

/** Everything about a job that is small: one row of the ledger. Input and output lie beside it. Times are ms since 1970. */
export interface Job {
  readonly id: string
  readonly ownerId: string
  readonly task: string
  readonly taskVersion: string
  readonly state: JobState
  /** Rises with every claim and never resets; a write by a run carries the fence of its claim. */
  readonly fence: number
  readonly priority: number
  /** Failed attempts (errors of the task and time-outs), not counting losses of the process or thread. */
  readonly attempts: number
  readonly losses: number
  readonly nodeId: string | null
  readonly createdAt: number
  /** Not before this time does the job run. */
  readonly runAt: number
  /** A job that is not running by then, not begun or between two attempts, is EXPIRED; `null` where it waits for as long as it takes. */
  readonly expiresAt: number | null
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly cancelRequestedAt: number | null
  readonly progress: Progress | null
  readonly error: JobError | null
  readonly idempotencyKey: string | null
  readonly inputHash: string
  /** What a result of it is remembered under; `null` where none is to be. Covers the input with its files by content. */
  readonly memoKey: string | null
  /** The job whose remembered result this one was given, without being run. */
  readonly memoizedFrom: string | null
  /** The job that this one does again. */
  readonly retryOf: string | null
  /** What its owner marked it with, in the order given, each once. */
  readonly tags: readonly string[]
}

/** How one attempt ended; `LOST`: with its thread or process. */
export const attemptOutcomes = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'LOST', 'HANDED_BACK'] as const

/** One run of a job, kept for its history. */
export interface JobAttempt {
  readonly jobId: string
  readonly fence: number
  readonly nodeId: string
  readonly startedAt: number
  readonly finishedAt: number | null
  /** `null` while it runs. */
  readonly outcome: (typeof attemptOutcomes)[number] | null
  readonly error: JobError | null
  /** CPU time of all its threads in ms; `null` where a thread was ended before it could tell. */
  readonly cpuMs: number | null
}

/** A job went on to another state, or was asked to stop; `job` is the job as of then. */
export interface JobStateChange {
  readonly type: 'JobStateChanged'
  /** Milliseconds since 1970. */
  readonly at: number
  readonly job: Job
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What is told about a job on the topic `job:<id>`; `job` is the job as of then. */
export type JobEvent =
  | { readonly type: 'JobSnapshot'; readonly at: number; readonly job: Job }
  | JobStateChange
  | { readonly type: 'JobProgressed'; readonly at: number; readonly job: Job; readonly progress: Progress }
  | { readonly type: 'JobPartial'; readonly at: number; readonly job: Job; readonly data: unknown }
  | {
      readonly type: 'JobLogged'
      readonly at: number
      readonly job: Job
      readonly level: LogLevel
      readonly text: string
    }

/** What is told on the topic `jobs:<user>`; the snapshot has the newest of the jobs that have not ended. */
export type JobsEvent =
  | JobStateChange
  | { readonly type: 'JobsSnapshot'; readonly at: number; readonly jobs: Page<Job> }

/** Whether a job in that state has reached its end. */
export function isTerminal(state: JobState): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED' || state === 'EXPIRED'
}
