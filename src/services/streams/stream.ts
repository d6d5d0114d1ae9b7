import type { EventBody } from '../../ports/event-log.ts'
import type { Records } from '../../ports/store.ts'

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
  /** The place after this item: who comes back with it gets what follows. */
  readonly cursor: string
  /** On the first item of a stream, and on the snapshot that stands in mid-stream for events that were lost to it. */
  readonly opening: StreamOpening | null
  /** No item follows. */
  readonly last: boolean
}

/**
 * The events of one topic for one subscriber: each once, in order, from its cursor on. Ends after the log's last event.
 * `return()` wakes a pending `next()`. One `next()` at a time.
 */
export interface TopicStream extends AsyncIterableIterator<StreamItem, undefined> {
  /** Whether the log had come to its end and the cursor was there already: nothing will ever follow. */
  readonly finished: boolean
  /** Whether a `next()` now would wait for something that has not happened yet. */
  readonly upToDate: boolean
  /** The place after the last item that was taken; before that, where the stream opened. */
  readonly cursor: string
  next(): Promise<IteratorResult<StreamItem, undefined>>
  return(): Promise<IteratorResult<StreamItem, undefined>>
}

export interface OpenStream {
  readonly topic: string
  readonly resume: ResumeRequest | null
  /** The topic's state for a snapshot, read together with the head. Throws a `Refusal` where the topic is not there. */
  snapshot(records: Records): Promise<EventBody>
}

/**
 * Where the log and the live events meet, one per process. Authorise before `open`: a hub knows no principals.
 * Throws a `Refusal` with `CURSOR_INVALID`, or with `CURSOR_EXPIRED`, `CURSOR_EPOCH`, `CURSOR_AHEAD` under `onGap: error`.
 */
export interface Hub extends AsyncDisposable {
  open(options: OpenStream): Promise<TopicStream>
}
