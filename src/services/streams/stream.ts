import type { Position } from '../../core/cursor.ts'
import type { EventBody } from '../../ports/event-log.ts'
import type { Records } from '../../ports/store.ts'
import type { LiveEvent } from './live-events.ts'

/** How a subscriber wants to come back (`extensions.resume` on the wire). */
export interface ResumeRequest {
  /** A cursor, `earliest` (all that is kept) or `now` (as without a cursor). */
  readonly after: string | null
  /** What to do when the log cannot honour the cursor: give the present state and say so, or refuse. */
  readonly onGap: 'snapshot' | 'error'
}

/** What the first frame of a stream tells about how it came to be, and a later one about a gap. */
export interface StreamOpening {
  /** `fresh`: no cursor was given. `recovered`: everything after the cursor follows. `snapshot`: it cannot, see `gap`. */
  readonly status: 'fresh' | 'recovered' | 'snapshot'
  /** Whether events after the cursor are missing. */
  readonly gap: boolean
  /** How many events of the past follow before the live ones. */
  readonly replayed: number
}

export interface StreamItem {
  readonly body: EventBody
  /** The place after this item. */
  readonly position: Position
  /** The same as text: who comes back with it gets what follows. */
  readonly cursor: string
  /** On the first item of a stream, and on the snapshot that stands in mid-stream for events that were lost to it. */
  readonly opening: StreamOpening | null
  /** No item follows. */
  readonly last: boolean
}

/**
 * Hears the live events of a topic for many subscribers at once, from a place of the log on: each event once, in order,
 * without a hole; over after the event that is `last`. The first event of a topic that had none brings another epoch.
 * The functions return at once and never throw; one that throws is interrupted, and harms nobody else. They may stop and
 * follow again, open, seek and return streams.
 */
export interface TopicFollower {
  event(event: LiveEvent): void
  /**
   * The events that follow cannot be given: they were forgotten before they could be read, or the log is another one now.
   * The following is over; each subscriber reads on from its own place, where it finds its own gap.
   */
  interrupted(): void
  /** The following is over, and nothing will come any more: the hub, or the last stream of the topic, was closed. */
  failed(reason: unknown): void
}

/** The live end of a topic, as this process hears it: the same for all streams of the topic that are open. */
export interface LiveTopic {
  /** The place of the newest event that was heard. */
  readonly position: Position
  /** Follows what comes after `position` as it is now; call the result to stop. */
  follow(follower: TopicFollower): () => void
}

/**
 * The events of one topic for one subscriber: each once, in order, from its cursor on. Ends after the log's last event.
 * `return()` wakes a pending `next()`. One `next()` at a time.
 *
 * A stream may be parked: it stays open and costs nothing, however much happens, while its subscriber takes nothing, or is
 * given the events by somebody else (a follower of `live`). `seek` says how far that went and lets it read on from there.
 *
 * What was said lately is kept once per topic for all of its streams, as events, by `RecentEvents`; a stream itself keeps its
 * place, and one page of the log. What events look like to those who asked the same is kept by the server's groups.
 */
export interface TopicStream extends AsyncIterableIterator<StreamItem, undefined> {
  readonly topic: string
  /** Whether the log had come to its end and the cursor was there already: nothing will ever follow. */
  readonly finished: boolean
  /**
   * Whether a `next()` now would wait for something that has not happened yet: the stream stands where `live` does, or for a
   * moment ahead of it, when it has read what `live` is yet to hear of. A follower then passes over what the stream has given.
   */
  readonly upToDate: boolean
  /** The place after the last item that was taken; before that, where the stream opened. */
  readonly cursor: string
  readonly position: Position
  /** How the stream came to be, as long as no item has told it. */
  readonly opening: StreamOpening | null
  readonly live: LiveTopic
  /** The next item, if it is at hand; the stream moves only by giving one. */
  take(): StreamItem | null
  /**
   * Resolves when an item is at hand or the stream is up to date (`true`), or when nothing will follow (`false`). Rejects as
   * `next()` does. Not while a `next()` is pending.
   */
  ready(): Promise<boolean>
  next(): Promise<IteratorResult<StreamItem, undefined>>
  return(): Promise<IteratorResult<StreamItem, undefined>>
  /**
   * Stops reading, and forgets what was read ahead: a snapshot that was not taken is made anew when it reads again. Throws a
   * `TypeError` while a `next()` is pending or the log is being read. Does nothing to one that is parked or has ended.
   */
  park(): void
  /**
   * Reads again, from the place where it was parked or one after it; `opening` counts as told if it is another place. If the
   * log is another one by now, the next read finds the gap. Throws a `TypeError` for a stream that is not parked, a place
   * before its own, and one that neither it nor `live` has come to. Does nothing once the stream has ended; `next()` tells why.
   */
  seek(position: Position): void
}

export interface OpenStream {
  readonly topic: string
  readonly resume: ResumeRequest | null
  /** The topic's state for a snapshot, read together with the head. Throws a `Refusal` where the topic is not there. */
  snapshot(records: Records): Promise<EventBody>
  /**
   * Whether the topic is written only while somebody wants it: opening the stream makes it, and while streams of it are open
   * it stays; after the last of them for `interestMs` more.
   */
  readonly onDemand?: boolean
}

/**
 * Where the log and the live events meet, one per process. Authorise before `open`: a hub knows no principals.
 * Throws a `Refusal` with `CURSOR_INVALID`, or with `CURSOR_EXPIRED`, `CURSOR_EPOCH`, `CURSOR_AHEAD` under `onGap: error`.
 */
export interface Hub extends AsyncDisposable {
  open(options: OpenStream): Promise<TopicStream>
  /** Whether streams of the topic are open here, or are being opened. */
  isOpen(topic: string): boolean
}
