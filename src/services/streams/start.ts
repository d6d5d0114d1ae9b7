import { type Position, parseCursor } from '../../core/cursor.ts'
import { type ErrorCode, Refusal } from '../../core/errors.ts'
import type { LogHead } from '../../ports/event-log.ts'
import type { ResumeRequest } from './stream.ts'

/** From where a subscriber wants to read: a place, all that is kept, or from now on. */
export type Start = Position | 'earliest' | 'now'

/** What the log can do for a start. */
export type Decision =
  | { readonly type: 'fresh' }
  | { readonly type: 'recovered'; readonly after: number }
  | { readonly type: 'gap'; readonly reason: GapReason }

export type GapReason = Extract<ErrorCode, 'CURSOR_EXPIRED' | 'CURSOR_EPOCH' | 'CURSOR_AHEAD'>

const gapSentences = {
  CURSOR_EXPIRED: 'Events after the cursor are no longer kept.',
  CURSOR_EPOCH: 'The cursor belongs to another log: to another topic, or to this one before it was started anew.',
  CURSOR_AHEAD: 'The cursor points beyond the end of the log.',
} as const satisfies Record<GapReason, string>

/** Where a resume request starts. Throws a `Refusal` with `CURSOR_INVALID` for a malformed cursor. */
export function parseStart(resume: ResumeRequest | null): Start {
  const after = resume?.after ?? 'now'
  if (after === 'now' || after === 'earliest') return after
  const position = parseCursor(after)
  if (position !== null) return position
  throw new Refusal('CURSOR_INVALID', 'The cursor is malformed. Send one as it was received, `earliest` or `now`.')
}

/** Whether the log holds everything after the start. */
export function decide(start: Start, head: LogHead): Decision {
  if (start === 'now') return { type: 'fresh' }
  if (start === 'earliest') return { type: 'recovered', after: head.oldest - 1 }
  if (start.epoch !== head.epoch) return { type: 'gap', reason: 'CURSOR_EPOCH' }
  if (start.offset > head.offset) return { type: 'gap', reason: 'CURSOR_AHEAD' }
  if (start.offset + 1 < head.oldest) return { type: 'gap', reason: 'CURSOR_EXPIRED' }
  return { type: 'recovered', after: start.offset }
}

/** The refusal of a cursor that the log cannot honour. */
export function gapRefusal(reason: GapReason): Refusal {
  return new Refusal(reason, gapSentences[reason])
}
