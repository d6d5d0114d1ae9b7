import type { Position } from '../../core/cursor.ts'
import type { EventBody, LoggedEvent, LogHead } from '../../ports/event-log.ts'
import type { Records } from '../../ports/store.ts'
import { decide, gapRefusal, type Start } from './start.ts'
import type { OpenStream, StreamOpening } from './stream.ts'

/** What one atomic read tells about a topic: its head, and either its state as of then or the events after a place. */
export interface LogPage {
  readonly head: LogHead
  readonly opening: StreamOpening
  /** The topic's state at `position`; `null` where the events go on from the start. */
  readonly snapshot: EventBody | null
  /** The place before `events`. */
  readonly position: Position
  /** Dense from the position on, not always up to the head. */
  readonly events: readonly LoggedEvent[]
}

/** The most events, and bytes of their bodies as JSON, that are read at once: what a stalled reader may hold. */
const pageEvents = 64
const pageBytes = 32 * 1024

/**
 * Reads what a subscriber gets from its start on, within one transaction. `null` when the topic has no row, and so no epoch,
 * yet. Throws the refusals of `snapshot`, and under `onGap: error` that of a cursor which cannot be honoured.
 */
export async function readLogPage(records: Records, options: OpenStream, start: Start): Promise<LogPage | null> {
  const head = await records.log.head(options.topic)
  const decision = decide(start, head)
  if (decision.type === 'gap' && options.resume?.onGap === 'error') throw gapRefusal(decision.reason)
  if (decision.type === 'recovered' && head !== null) {
    const events = await readEvents(records, options.topic, decision.after)
    const replayed = head.offset - decision.after
    const position = { epoch: head.epoch, offset: decision.after }
    return { head, opening: { status: 'recovered', gap: false, replayed }, snapshot: null, position, events }
  }
  const snapshot = await options.snapshot(records)
  if (head === null) return null
  const gap = decision.type === 'gap'
  const opening: StreamOpening = { status: gap ? 'snapshot' : 'fresh', gap, replayed: 0 }
  return { head, opening, snapshot, position: { epoch: head.epoch, offset: head.offset }, events: [] }
}

/** The next events after an offset: one page of them. */
export function readEvents({ log }: Records, topic: string, after: number): Promise<readonly LoggedEvent[]> {
  return log.read(topic, after, pageEvents, pageBytes)
}
