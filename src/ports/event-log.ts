import type { Position } from '../core/cursor.ts'

/** What goes into a topic's log: anything that JSON can carry. */
export type EventBody = Readonly<Record<string, unknown>>

/** An event at its place in the log of its topic. */
export interface LoggedEvent {
  readonly topic: string
  readonly epoch: string
  readonly offset: number
  readonly body: EventBody
  /** Whether the log ends with this event: nothing will be appended after it. */
  readonly last: boolean
}

/** For how long an event is kept, at the least to be found by a subscriber who comes back. */
export interface Keep {
  /** It may be forgotten from then on, ms since 1970. */
  readonly until: number
  /** It may be forgotten when so many newer events are there. */
  readonly events: number
}

/** The ends of a topic's log. `offset` is that of the newest event. */
export interface LogHead extends Position {
  /** The smallest offset still kept; `offset + 1` when nothing is. */
  readonly oldest: number
  /** Whether the log has come to its end. */
  readonly closed: boolean
}

/** For how long a blank epoch is the present one, in ms: two weeks. */
export const blankMs = 14 * 24 * 3_600_000

export interface AppendOptions {
  readonly last?: boolean
  readonly keep?: Keep
}

/** How far a reading from the end of a log goes. */
export interface LastBounds {
  /** The most events that are answered. */
  readonly limit: number
  readonly maxBytes: number
  /** How many events of the topic, of whatever type, are looked at. */
  readonly among: number
}

/**
 * The log of events, one per topic, in the same database as the records that the events speak of.
 *
 * Guaranteed: offsets of a topic are 1, 2, 3 … without a hole; an event is there if and only if the transaction that
 * appended it was committed; events of one transaction are numbered in the order of `append`. Committed events are handed
 * to the store's `onCommitted` listeners, topic by topic in order.
 * Callers must append to several topics of one transaction in the order of their names, or PostgreSQL may deadlock.
 *
 * A topic that was never written has no row: listening to a name leaves nothing behind. Its head is offset 0 of the *blank*
 * epoch, which is the store's and the same for all of them (`oldest` 1, not closed). Once it is written it has an epoch of its
 * own; a position in the blank epoch then means "before its first event".
 * Who holds such a position must never be told that nothing has happened when the topic was written and removed meanwhile. So
 * `tidy` changes the blank epoch every `blankMs`, the one before is honoured for as long again, and a topic that was written stays
 * for twice `blankMs` after its last event. Callers `remove` only topics whose row was there before anybody could listen.
 */
export interface EventLog {
  /** Appends to the topic; `last` closes it. Without `keep` the event stays as long as the topic. Throws a `TypeError` when the topic is closed. */
  append(topic: string, body: EventBody, options?: AppendOptions): Promise<LoggedEvent>
  /** Appends where the topic is there, which `ensure` sees to: a log that is written only while somebody wants it. */
  appendIfThere(topic: string, body: EventBody, keep: Keep): Promise<LoggedEvent | null>
  /** The topic's ends. */
  head(topic: string): Promise<LogHead>
  /** The blank epochs that are honoured: first the present one, that of the head of every topic without a row. */
  blanks(): Promise<readonly string[]>
  /** The heads of many topics at once, each of those asked for, for the position check. */
  heads(topics: readonly string[]): Promise<ReadonlyMap<string, LogHead>>
  /**
   * Makes the topic, empty, unless it is there, with an epoch of its own. `tidy` removes it with its events after `until`, ms
   * since 1970; asked for again, the later time counts. A topic that was written without it is left as it is, and stays.
   */
  ensure(topic: string, until: number): Promise<void>
  /**
   * At most `limit` events with an offset above `after`, in order. With `maxBytes` (of the bodies as JSON) it stops before
   * the event that would go over it, but answers one event in any case.
   */
  read(topic: string, after: number, limit: number, maxBytes?: number): Promise<readonly LoggedEvent[]>
  /**
   * The newest events of the topic whose body begins with this `type`, its first member, in order. With `maxBytes` as in
   * `read`, counted from the newest.
   */
  readLast(topic: string, type: string, bounds: LastBounds): Promise<readonly LoggedEvent[]>
  /** Forgets events up to and including the offset; at most all that there are. */
  trim(topic: string, upTo: number): Promise<void>
  /**
   * Forgets what may be forgotten by now (ms since 1970), of at most `limit` topics and a bounded number of events; says of how
   * many topics. Call it again until that is 0.
   */
  tidy(now: number, limit: number): Promise<number>
  /** Gives every topic, and the blank, a new epoch: all cursors given out so far are answered with a gap. */
  renewEpochs(): Promise<void>
  /** Forgets the topic as a whole. */
  remove(topic: string): Promise<void>
}
