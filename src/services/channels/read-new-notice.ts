import { type InputIssue, InvalidInputError } from '../../core/errors.ts'
import { type NoticeSeverity, noticeSeverities } from '../../ports/notices.ts'
import { keyIssues } from './once.ts'

export interface NewNotice {
  readonly text: string
  readonly severity: NoticeSeverity
  /** `null`: 7 days from now. */
  readonly until: number | null
  /** As that of a message. */
  readonly idempotencyKey: string | null
}

const maxLength = 2000
const day = 24 * 60 * 60 * 1000
const defaultMs = 7 * day
const maxMs = 366 * day

/** Control characters but for line breaks, broken Unicode, and what turns the direction of the text around it. */
const forbidden = /[^\P{Cc}\n]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u

/** The text without white space around it, and the end of the notice. Throws an `InvalidInputError` that lists all that is wrong. */
export function readNewNotice(
  { text: given, severity, until: wished, idempotencyKey }: NewNotice,
  now: number,
): { readonly text: string; readonly until: number } {
  const issues: InputIssue[] = []
  const text = given.trim()
  if (!isText(text)) {
    const message = `Must have 1 to ${maxLength} characters; line breaks are the only control characters allowed.`
    issues.push({ path: ['text'], message })
  }
  if (!noticeSeverities.includes(severity)) {
    issues.push({ path: ['severity'], message: `Must be one of ${noticeSeverities.join(', ')}.` })
  }
  const until = wished ?? now + defaultMs
  if (!(until > now && until <= now + maxMs)) {
    issues.push({ path: ['until'], message: 'Must be a time after now, at most 366 days from now.' })
  }
  issues.push(...keyIssues(idempotencyKey))
  if (issues.length > 0) throw new InvalidInputError(issues)
  return { text, until }
}

function isText(text: string): boolean {
  // At most two code units to a character: a huge text is not taken apart.
  if (text === '' || text.length > 2 * maxLength || Array.from(text).length > maxLength) return false
  return !forbidden.test(text)
}
