import { type InputIssue, InvalidInputError } from '../../core/errors.ts'
import type { NewJob } from '../../ports/ledger.ts'

/** What a remembered result is to a submission: given if there is one, replaced by a new one, or neither given nor made. */
export const memoModes = ['USE', 'REFRESH', 'BYPASS'] as const

export type MemoMode = (typeof memoModes)[number]

export interface SubmitOptions {
  /** At most 200 characters, none of them a control character. The same key with the same input gives the same job. */
  readonly idempotencyKey?: string | null
  /** From -100 to 100, 0 by default; higher runs first. */
  readonly priority?: number | null
  /** Hold the answer until the job has ended or so many ms (at most 30,000) are over. */
  readonly waitMs?: number | null
  /** Run it not before so many ms from now, at most a year; not together with `runAt`. */
  readonly delayMs?: number | null
  /** Run it not before then, at most a year from now; a time that is past is now. */
  readonly runAt?: number | null
  /** Give it up if it is not running by then, not yet or between two attempts: after now and after `runAt`. */
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
export const maxWaitMs = 30_000

/** The furthest that a job may be put off, in ms: 365 days. */
const maxDelayMs = 365 * 24 * 60 * 60 * 1000

const maxTags = 10
const maxTagLength = 50

/** Notes what is wrong with an option. */
type Wrong = (field: keyof SubmitOptions, message: string) => void

/**
 * Checks the options of a submission at the time `now`. A job whose time is past or now is QUEUED, any other SCHEDULED.
 * Throws an `InvalidInputError` that lists everything wrong with them.
 */
export function checkOptions(options: SubmitOptions, now: number): CheckedOptions {
  const issues: InputIssue[] = []
  const wrong: Wrong = (field, message) => issues.push({ path: ['options', field], message })
  const asked = checkHandling(options, wrong)
  const runAt = checkStart(options, now, wrong)
  const expiresAt = checkEnd(options, runAt, wrong)
  const tags = checkTags(options, wrong)
  if (issues.length > 0) throw new InvalidInputError(issues)
  return { ...asked, runAt, expiresAt, tags, state: runAt > now ? 'SCHEDULED' : 'QUEUED' }
}

function checkHandling(
  options: SubmitOptions,
  wrong: Wrong,
): Pick<CheckedOptions, 'idempotencyKey' | 'priority' | 'waitMs' | 'memo'> {
  const idempotencyKey = options.idempotencyKey ?? null
  const [priority, waitMs, memo] = [options.priority ?? 0, options.waitMs ?? 0, options.memo ?? 'USE']
  if (idempotencyKey !== null && (idempotencyKey.length > maxKeyLength || !isMark(idempotencyKey))) {
    wrong('idempotencyKey', `Must have 1 to ${maxKeyLength} characters, none of them a control character.`)
  }
  if (!isWithin(priority, -100, 100)) wrong('priority', 'Must be a whole number from -100 to 100.')
  if (!isWithin(waitMs, 0, maxWaitMs)) wrong('waitMs', `Must be a whole number from 0 to ${maxWaitMs}.`)
  if (!memoModes.includes(memo)) wrong('memo', `Must be one of ${memoModes.join(', ')}.`)
  return { idempotencyKey, priority, waitMs, memo }
}

/** When the job is to run; now where that was not said, or cannot be. */
function checkStart({ delayMs = null, runAt = null }: SubmitOptions, now: number, wrong: Wrong): number {
  if (delayMs !== null && runAt !== null) wrong('delayMs', 'Cannot be given together with runAt.')
  if (delayMs !== null && !isWithin(delayMs, 0, maxDelayMs)) {
    wrong('delayMs', `Must be a whole number from 0 to ${maxDelayMs} (365 days).`)
    return now
  }
  if (runAt !== null && (!Number.isSafeInteger(runAt) || runAt > now + maxDelayMs)) {
    wrong('runAt', 'Must be a time at most 365 days from now.')
    return now
  }
  return Math.max(now, runAt ?? now + (delayMs ?? 0))
}

const noEnd = 'Must be a time after now, and after the one at which the job is to run.'

function checkEnd(options: SubmitOptions, runAt: number, wrong: Wrong): number | null {
  const { expiresAt = null, idempotencyKey = null } = options
  if (expiresAt !== null && !Number.isSafeInteger(expiresAt)) wrong('expiresAt', noEnd)
  // With a key it may have been entered in time, and be asked for again later: `assertTimely` looks at it then.
  else if (idempotencyKey === null && !isTimely({ expiresAt, runAt })) wrong('expiresAt', noEnd)
  return expiresAt
}

function isTimely({ expiresAt, runAt }: Pick<NewJob, 'expiresAt' | 'runAt'>): boolean {
  return expiresAt === null || expiresAt > runAt
}

/** Throws an `InvalidInputError` for a job that would expire before it may run: for one that is new under its key. */
export function assertTimely(job: Pick<NewJob, 'expiresAt' | 'runAt'>): void {
  if (!isTimely(job)) throw new InvalidInputError([{ path: ['options', 'expiresAt'], message: noEnd }])
}

function checkTags(options: SubmitOptions, wrong: Wrong): readonly string[] {
  const tags = [...new Set(options.tags)]
  if (tags.length > maxTags) wrong('tags', `There may be at most ${maxTags}.`)
  if (!tags.every(isTag)) {
    wrong('tags', `Each must have 1 to ${maxTagLength} characters, none of them a control character.`)
  }
  return tags
}

/** Whether a job may be marked with the text. */
export function isTag(text: string): boolean {
  const length = [...text].length
  return length <= maxTagLength && isMark(text)
}

/** Whether the text comes back from every database as it went in, and may be printed. */
function isMark(text: string): boolean {
  return text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text)
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
