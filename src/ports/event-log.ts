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

/** The ends of a topic's log. `offset` is that of the newest event. */
export interface LogHead extends Position {
  /** The smallest offset still kept; `offset + 1` when nothing is. */
  readonly oldest: number
  /** Whether the log has come to its end. */
  readonly closed: boolean
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
 */
export interface EventLog {
  /** Appends to the topic; `last` closes it. Throws a `TypeError` when the topic is closed. */
  append(topic: string, body: EventBody, options?: { readonly last?: boolean }): Promise<LoggedEvent>
  /** The topic's ends; `null` when it was never written. */
  head(topic: string): Promise<LogHead | null>
  /** The heads of many topics at once, for the position check; topics without a row are left out. */
  heads(topics: readonly string[]): Promise<ReadonlyMap<string, LogHead>>
  /** Makes the topic, empty, unless it is there: from then on it has an epoch, and cursors can be given out. */
  ensure(topic: string): Promise<void>
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
  /** Gives every topic a new epoch: all cursors given out so far are answered with a gap. */
  renewEpochs(): Promise<void>
  /** Forgets the topic as a whole. */
  remove(topic: string): Promise<void>
}
