import type { Position } from '../../core/cursor.ts'
import type { EventBody, EventLog, LoggedEvent, LogHead } from '../../ports/event-log.ts'
import type { Records } from '../../ports/store.ts'
import type { LiveEvent } from './live-events.ts'
import type { RecentEvents } from './recent-events.ts'
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
  readonly events: readonly LiveEvent[]
}

/** What one atomic read tells about what follows a place. */
export interface LogTail {
  readonly head: LogHead
  /** The offset of the place in the log that the head is of; `null` when the log cannot go on from it. */
  readonly after: number | null
  /** Dense from there on, not always up to the head. */
  readonly events: readonly LoggedEvent[]
}

/** The most events, and bytes of their bodies as JSON, that are read at once: what a stalled reader may hold. */
const bounds = { events: 64, bytes: 32 * 1024 }

export interface PageRequest {
  readonly stream: OpenStream
  readonly start: Start
  /** That of the stream's topic, read in the same transaction. */
  readonly head: LogHead
  /** The topic's events that are held. */
  readonly recent: RecentEvents
}

/**
 * Reads what a subscriber gets from its start on, within one transaction. Throws the refusals of `snapshot`, and under
 * `onGap: error` that of a cursor which cannot be honoured.
 */
export async function readLogPage(records: Records, request: PageRequest): Promise<LogPage> {
  const { stream, start, head } = request
  const decision = decide(await inLog(records.log, start, head), head)
  if (decision.type === 'gap' && stream.resume?.onGap === 'error') throw gapRefusal(decision.reason)
  if (decision.type === 'recovered') {
    const { after } = decision
    // A log without any event does not show that what it tells of is there; making the snapshot does.
    if (head.offset === 0) await stream.snapshot(records)
    const opening: StreamOpening = { status: 'recovered', gap: false, replayed: head.offset - after }
    const events = await readEvents(records.log, after, request)
    return { head, opening, snapshot: null, position: { epoch: head.epoch, offset: after }, events }
  }
  const snapshot = await stream.snapshot(records)
  const gap = decision.type === 'gap'
  const opening: StreamOpening = { status: gap ? 'snapshot' : 'fresh', gap, replayed: 0 }
  return { head, opening, snapshot, position: { epoch: head.epoch, offset: head.offset }, events: [] }
}

async function readEvents(log: EventLog, after: number, request: PageRequest): Promise<readonly LiveEvent[]> {
  const { stream, head, recent } = request
  if (after === head.offset) return []
  const held = recent.page(after, head, bounds)
  if (held !== null) return held
  const events = await readPage(log, stream.topic, after)
  for (const event of events) recent.hold(event)
  return events
}

/** Reads what follows a place, within one transaction: one page of it. */
export async function readLogTail(log: EventLog, topic: string, place: Position): Promise<LogTail> {
  const head = await log.head(topic)
  const decision = decide(await inLog(log, place, head), head)
  if (decision.type !== 'recovered') return { head, after: null, events: [] }
  return { head, after: decision.after, events: await readPage(log, topic, decision.after) }
}

/** The start in terms of the log as it is: before the first event of a topic, its own epoch and the blanks mean the same. */
async function inLog(log: EventLog, start: Start, head: LogHead): Promise<Start> {
  if (typeof start === 'string' || start.epoch === head.epoch || start.offset > 0) return start
  return (await log.blanks()).includes(start.epoch) ? { epoch: head.epoch, offset: 0 } : start
}

function readPage(log: EventLog, topic: string, after: number): Promise<readonly LoggedEvent[]> {
  return log.read(topic, after, bounds.events, bounds.bytes)
}
