import { type InputIssue, InvalidInputError } from '../../core/errors.ts'

export interface SubmitOptions {
  /** At most 200 characters. The same key with the same input gives the same job. */
  readonly idempotencyKey?: string | null
  /** From -100 to 100, 0 by default; higher runs first. */
  readonly priority?: number | null
  /** Hold the answer until the job has ended or so many ms (at most 30,000) are over. */
  readonly waitMs?: number | null
}

/** What a caller may ask for, with what holds where nothing was asked. */
export interface CheckedOptions {
  readonly idempotencyKey: string | null
  readonly priority: number
  readonly waitMs: number
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
