import { formatCursor, type Position } from '../../core/cursor.ts'
import type { EventBody } from '../../ports/event-log.ts'
import type { FeedListener } from './feed-listener.ts'
import type { Feed } from './feed.ts'
import type { LiveEvent } from './live-events.ts'
import type { LogPage } from './log-page.ts'
import type { Start } from './start.ts'
import type { LiveTopic, StreamItem, StreamOpening, TopicStream } from './stream.ts'

export interface TopicReaderOptions {
  readonly feed: Feed
  /** Reads on from a place. Throws the refusal that ends the stream. */
  readMore(start: Start): Promise<LogPage>
  /** Called once, when the reader needs the feed no more. */
  ended(): void
}

interface Snapshot {
  readonly body: EventBody
  readonly last: boolean
}

const done: IteratorResult<StreamItem, undefined> = { done: true, value: undefined }
const none: readonly LiveEvent[] = []

/**
 * One subscriber: a reader of the log that takes the live events as a short cut. All it remembers is its place, and at most
 * one page of the log, read when it is asked for; so who does not read costs no memory, and who falls behind reads on.
 */
export class TopicReader implements TopicStream, FeedListener {
  readonly finished: boolean
  readonly #options: TopicReaderOptions
  #position: Position
  #snapshot: Snapshot | null
  /** Whether a snapshot that was due was let go: it is read anew. */
  #owesSnapshot = false
  #events: readonly LiveEvent[]
  /** How many of the events were taken. */
  #taken = 0
  #opening: StreamOpening | null
  #isPulled = false
  /** Wakes the `next()` that waits for something to happen. */
  #wake: (() => void) | null = null
  #reading = false
  #parked = false
  #ended = false
  #failure: { readonly reason: unknown } | null = null

  /** `first` is what the first read gave. */
  constructor(first: LogPage, options: TopicReaderOptions) {
    this.#options = options
    this.#position = first.position
    this.#snapshot = snapshotOf(first)
    this.#events = first.events
    this.#opening = first.opening
    this.finished = isEnd(first)
    options.feed.join(this)
    if (this.finished) this.#end()
  }

  get topic(): string {
    return this.#options.feed.topic
  }

  get live(): LiveTopic {
    return this.#options.feed
  }

  get upToDate(): boolean {
    return this.#isTakenFrom() && !this.#hasItem() && !this.#owesSnapshot && !this.#isBehind()
  }

  get cursor(): string {
    return formatCursor(this.#position)
  }

  get position(): Position {
    return this.#position
  }

  get opening(): StreamOpening | null {
    return this.#opening
  }

  take(): StreamItem | null {
    if (!this.#isTakenFrom()) return null
    const snapshot = this.#snapshot
    if (snapshot !== null) {
      this.#snapshot = null
      return this.#pass(snapshot.body, snapshot.last)
    }
    const event = this.#owesSnapshot ? undefined : this.#nextEvent()
    return event === undefined ? null : this.#takeEvent(event)
  }

  async next(): Promise<IteratorResult<StreamItem, undefined>> {
    if (this.#isPulled) throw new TypeError('One next() at a time.')
    this.#isPulled = true
    try {
      while (await this.ready()) {
        if (this.#parked) throw new TypeError('A parked stream is not read.')
        const item = this.take()
        if (item !== null) return { done: false, value: item }
        if (this.upToDate) await new Promise<void>((resolve) => (this.#wake = resolve))
      }
      return done
    } finally {
      this.#isPulled = false
    }
  }

  async ready(): Promise<boolean> {
    this.#failWithFeed()
    // Who is ahead of the feed reads again until that has heard of it.
    while (!this.#ended && !this.#parked && !this.#hasItem()) {
      if (!this.#isBehind() && !this.#owesSnapshot) return true
      if (this.#reading) throw new TypeError('A stream that is being read is not asked.')
      await this.#read()
    }
    if (this.#failure === null) return !this.#ended
    const { reason } = this.#failure
    this.#failure = null
    throw reason
  }

  return(): Promise<IteratorResult<StreamItem, undefined>> {
    this.#end()
    return Promise.resolve(done)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  park(): void {
    if (this.#ended || this.#parked) return
    if (this.#isPulled || this.#reading) throw new TypeError('A stream that is being read is not parked.')
    this.#owesSnapshot ||= this.#snapshot !== null
    this.#snapshot = null
    this.#parked = true
    this.#hold(none)
    this.#options.feed.leave(this)
  }

  seek(position: Position): void {
    this.#failWithFeed()
    if (this.#ended) return
    const { feed } = this.#options
    if (!this.#parked) throw new TypeError('Only a parked stream is sought through.')
    if (position.epoch === this.#position.epoch && position.offset < this.#position.offset)
      throw new TypeError('A stream is not read again from a place before its own.')
    const isOwn = position.epoch === this.#position.epoch && position.offset === this.#position.offset
    if (!isOwn && position.epoch === feed.epoch && position.offset > feed.head)
      throw new TypeError('A stream is not read from a place that nobody has seen.')
    if (!isOwn) {
      this.#opening = null
      this.#owesSnapshot = false
    }
    this.#position = { epoch: position.epoch, offset: position.offset }
    this.#parked = false
    feed.join(this)
    if (feed.isComplete && !this.#isBehind() && !this.#owesSnapshot) this.#end()
  }

  offer({ epoch, offset }: LiveEvent): boolean {
    if (this.#position.epoch === epoch && this.#position.offset >= offset) return true
    this.#wake?.()
    return false
  }

  begun(blank: string, epoch: string): void {
    if (this.#position.epoch === blank) this.#position = { epoch, offset: this.#position.offset }
  }

  restarted(): void {
    this.#wake?.()
  }

  fail(reason: unknown): void {
    if (this.#ended) return
    this.#failure = { reason }
    this.#end()
  }

  /** Who is parked does not hear that the feed was closed. */
  #failWithFeed(): void {
    const { closed } = this.#options.feed
    if (this.#parked && closed !== null) this.fail(closed.reason)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#snapshot = null
    this.#events = none
    this.#options.feed.leave(this)
    this.#options.ended()
    this.#wake?.()
  }

  /** Whether an item can be taken: while a page is read for this place, it must stay. */
  #isTakenFrom(): boolean {
    return !this.#ended && !this.#parked && !this.#reading
  }

  /** Whether the log is known to go beyond this reader's place, or to be another one. */
  #isBehind(): boolean {
    const { feed } = this.#options
    return feed.epoch !== this.#position.epoch || feed.head > this.#position.offset
  }

  #hasItem(): boolean {
    return this.#snapshot !== null || (!this.#owesSnapshot && this.#nextEvent() !== undefined)
  }

  /** The next event that is at hand, without having moved. */
  #nextEvent(): LiveEvent | undefined {
    return this.#events[this.#taken] ?? this.#options.feed.atHand(this.#position)
  }

  #takeEvent(event: LiveEvent): StreamItem {
    this.#position = { epoch: event.epoch, offset: event.offset }
    this.#taken += 1
    if (this.#taken >= this.#events.length) this.#hold(none)
    return this.#pass(event.body, event.last)
  }

  #hold(events: readonly LiveEvent[]): void {
    this.#events = events
    this.#taken = 0
  }

  #pass(body: EventBody, last: boolean): StreamItem {
    const position = this.#position
    const item = { body, position, cursor: formatCursor(position), opening: this.#opening, last }
    this.#opening = null
    if (last) this.#end()
    return item
  }

  async #read(): Promise<void> {
    this.#reading = true
    try {
      this.#turnTo(await this.#options.readMore(this.#owesSnapshot ? 'now' : this.#position))
    } catch (error) {
      this.fail(error)
    } finally {
      this.#reading = false
    }
  }

  #turnTo(page: LogPage): void {
    if (this.#ended) return
    if (page.snapshot === null && page.events.length === 0 && page.head.offset > page.position.offset) {
      throw new Error(`The log has a hole after offset ${page.position.offset}.`)
    }
    this.#position = page.position
    this.#snapshot = snapshotOf(page)
    this.#hold(page.events)
    // A gap in mid-stream is told like one at the opening; that the log goes on is no news.
    if (page.snapshot !== null && !this.#owesSnapshot) this.#opening = page.opening
    this.#owesSnapshot = false
    if (isEnd(page)) this.#end()
    this.#options.feed.learn(page.head)
  }
}

function snapshotOf({ snapshot, head }: LogPage): Snapshot | null {
  return snapshot === null ? null : { body: snapshot, last: head.closed }
}

/** Whether nothing follows the place of the page. */
function isEnd({ snapshot, head, position }: LogPage): boolean {
  return snapshot === null && head.closed && position.offset === head.offset
}
