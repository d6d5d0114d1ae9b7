import { type InputIssue, InvalidInputError } from '../../core/errors.ts'
import type { NewJob } from '../../ports/ledger.ts'

/** What a remembered result is to a submission: given if there is one, replaced by a new one, or neither given nor made. */
export const memoModes = ['USE', 'REFRESH', 'BYPASS'] as const

export type MemoMode = (typeof memoModes)[number]

export interface SubmitOptions {
  /** At most 200 characters. The same key with the same input gives the same job. */
  readonly idempotencyKey?: string | null
  /** From -100 to 100, 0 by default; higher runs first. */
  readonly priority?: number | null
  /** Hold the answer until the job has ended or so many ms (at most 30,000) are over. */
  readonly waitMs?: number | null
  /** Run it not before so many ms from now, at most a year; not together with `runAt`. */
  readonly delayMs?: number | null
  /** Run it not before then, at most a year from now; a time that is past is now. */
  readonly runAt?: number | null
  /** Give it up if no thread has begun it by then: after now and after `runAt`. */
  readonly expiresAt?: number | null
  /** USE by default; means something only for tasks that declare `memoizeFor`. */
  readonly memo?: MemoMode | null
  /** At most 10, each of 1 to 50 characters. */
  readonly tags?: readonly string[] | null
}

/** What a caller may ask for, with what holds where nothing was asked. */
export interface CheckedOptions extends Pick<
  NewJob,
  'idempotencyKey' | 'priority' | 'runAt' | 'expiresAt' | 'tags' | 'state'
> {
  readonly waitMs: number
  readonly memo: MemoMode
}

/** The most characters of an idempotency key, and the longest wait for a job's end. */
const maxKeyLength = 200
const maxWaitMs = 30_000

/** Checks the options of a submission. Throws an `InvalidInputError` that lists everything wrong with them. */
export function checkOptions(options: SubmitOptions): CheckedOptions {
  const { idempotencyKey = null, priority = null, waitMs = null } = options
  const issues: InputIssue[] = []
  const wrong = (field: string, message: string) => issues.push({ path: ['options', field], message })
  if (idempotencyKey !== null && (idempotencyKey.length === 0 || idempotencyKey.length > maxKeyLength)) {
    wrong('idempotencyKey', `Must have 1 to ${maxKeyLength} characters.`)
  }
  if (!isWithin(priority ?? 0, -100, 100)) wrong('priority', 'Must be a whole number from -100 to 100.')
  if (!isWithin(waitMs ?? 0, 0, maxWaitMs)) wrong('waitMs', `Must be a whole number from 0 to ${maxWaitMs}.`)
  if (issues.length > 0) throw new InvalidInputError(issues)
  return { idempotencyKey, priority: priority ?? 0, waitMs: waitMs ?? 0 }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
