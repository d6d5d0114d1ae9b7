import { Refusal } from '../../core/errors.ts'
import { isJsonObject } from '../../core/json-object.ts'
import type { ResumeRequest } from '../../services/streams/stream.ts'
import type { OperationParams } from '../operation.ts'

/** A long poll: how long to wait for the first event, in ms, and the most events that one answer may hold. */
export interface PollRequest {
  readonly waitMs: number
  readonly max: number
}

export const longestPollMs = 30_000
const defaultPollMs = 20_000
const mostPollItems = 1_000
const defaultPollItems = 100

/** `extensions.resume`; `null` where it is not given. Throws `BAD_REQUEST`, and `CURSOR_INVALID` for a cursor that is no text. */
export function readResume({ extensions }: OperationParams): ResumeRequest | null {
  const resume = extensions?.resume
  if (resume === undefined || resume === null) return null
  if (!isJsonObject(resume)) throw badRequest('`extensions.resume` must be an object.')
  const { after = null, onGap = 'snapshot' } = resume
  if (after !== null && typeof after !== 'string') {
    throw new Refusal('CURSOR_INVALID', '`extensions.resume.after` must be a cursor, `earliest` or `now`.')
  }
  if (onGap !== 'snapshot' && onGap !== 'error') {
    throw badRequest('`extensions.resume.onGap` must be `snapshot` or `error`.')
  }
  return { after, onGap }
}

/** `extensions.poll` with its defaults. Throws `BAD_REQUEST`. */
export function readPoll({ extensions }: OperationParams): PollRequest {
  const poll = extensions?.poll ?? {}
  if (!isJsonObject(poll)) throw badRequest('`extensions.poll` must be an object.')
  const { waitMs = defaultPollMs, max = defaultPollItems } = poll
  if (!isWholeNumber(waitMs, 0, longestPollMs)) {
    throw badRequest(`\`extensions.poll.waitMs\` must be a whole number from 0 to ${longestPollMs}.`)
  }
  if (!isWholeNumber(max, 1, mostPollItems)) {
    throw badRequest(`\`extensions.poll.max\` must be a whole number from 1 to ${mostPollItems}.`)
  }
  return { waitMs, max }
}

function isWholeNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

function badRequest(sentence: string): Refusal {
  return new Refusal('BAD_REQUEST', sentence)
}
