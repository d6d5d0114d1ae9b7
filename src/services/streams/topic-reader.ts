import { formatCursor, type Position } from '../../core/cursor.ts'
import type { LoggedEvent } from '../../ports/event-log.ts'
import type { Feed, FeedListener } from './feed.ts'
import type { LiveEvent } from './live-events.ts'
import type { LogPage } from './log-page.ts'
import type { StreamItem, StreamOpening, TopicStream } from './stream.ts'

export interface TopicReaderOptions {
  readonly feed: Feed
  /** What the first read gave. */
  readonly first: LogPage
  /** Reads on from a place. Throws the refusal that ends the stream. */
  readMore(after: Position): Promise<LogPage>
  /** Called once, when the reader needs the feed no more. */
  ended(): void
}

interface Waiting {
  readonly resolve: (result: IteratorResult<StreamItem, undefined>) => void
  readonly reject: (reason: unknown) => void
}

const done: IteratorResult<StreamItem, undefined> = { done: true, value: undefined }

/**
 * One subscriber: a reader of the log that takes the live events as a short cut. All it remembers is its place, and at most
 * one page of the log, read when it is asked for; so who does not read costs no memory, and who falls behind reads on.
 */
export class TopicReader implements TopicStream, FeedListener {
  readonly finished: boolean
  readonly #options: TopicReaderOptions
  #page: LogPage
  #position: Position
  /** How many of the page's events were taken. */
  #taken = 0
  #snapshotDue: boolean
  #opening: StreamOpening | null
  #waiting: Waiting | null = null
  #reading = false
  #ended = false
  #failure: { readonly reason: unknown } | null = null

  constructor(options: TopicReaderOptions) {
    const { first, feed } = options
    this.#options = options
    this.#page = first
    this.#position = first.position
    this.#snapshotDue = first.snapshot !== null
    this.#opening = first.opening
    this.finished = !this.#snapshotDue && first.head.closed && first.position.offset === first.head.offset
    feed.join(this)
    if (this.finished) this.#end()
  }

  get upToDate(): boolean {
    return !this.#ended && !this.#snapshotDue && this.#nextEvent() === undefined && !this.#isBehind()
  }

  get cursor(): string {
    return formatCursor(this.#position)
  }

  next(): Promise<IteratorResult<StreamItem, undefined>> {
    if (this.#waiting !== null) return Promise.reject(new TypeError('One next() at a time.'))
    if (this.#failure !== null) {
      const { reason } = this.#failure
      this.#failure = null
      return Promise.reject(reason)
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.wake()
    })
  }

  return(): Promise<IteratorResult<StreamItem, undefined>> {
    this.#end()
    this.#settle(done)
    return Promise.resolve(done)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Gives the one who waits what there is, or sees to it that there will be something. */
  wake(): void {
    if (this.#waiting === null) return
    const item = this.#take()
    if (item !== null) this.#settle({ done: false, value: item })
    else if (this.#ended) this.#settle(done)
    else if (this.#isBehind() && !this.#reading) void this.#read()
  }

  isPast(offset: number): boolean {
    return this.#position.epoch === this.#options.feed.epoch && this.#position.offset >= offset
  }

  offer(event: LiveEvent): boolean {
    if (this.isPast(event.offset)) return true
    if (this.#waiting === null || this.#reading || event.offset !== this.#position.offset + 1) return false
    this.#settle({ done: false, value: this.#takeEvent(event) })
    return true
  }

  fail(reason: unknown): void {
    if (this.#ended) return
    this.#end()
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting === null) this.#failure = { reason }
    else waiting.reject(reason)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.feed.leave(this)
    this.#options.ended()
  }

  #settle(result: IteratorResult<StreamItem, undefined>): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.resolve(result)
  }

  /** Whether the log is known to go beyond this reader's place, or to be another one. */
  #isBehind(): boolean {
    const { feed } = this.#options
    return feed.epoch !== this.#position.epoch || feed.head > this.#position.offset
  }

  /** The next event that is at hand, without having moved. */
  #nextEvent(): LoggedEvent | LiveEvent | undefined {
    const { feed } = this.#options
    const { epoch, offset } = this.#position
    return this.#page.events[this.#taken] ?? (feed.epoch === epoch ? feed.recent(offset + 1) : undefined)
  }

  #take(): StreamItem | null {
    if (this.#ended) return null
    if (this.#snapshotDue && this.#page.snapshot !== null) {
      this.#snapshotDue = false
      return this.#pass(this.#page.snapshot, this.#page.head.closed)
    }
    const event = this.#nextEvent()
    return event === undefined ? null : this.#takeEvent(event)
  }

  #takeEvent(event: LoggedEvent | LiveEvent): StreamItem {
    this.#position = { epoch: event.epoch, offset: event.offset }
    if (this.#page.events.length > 0) this.#passPageEvent()
    return this.#pass(event.body, event.last)
  }

  #passPageEvent(): void {
    this.#taken += 1
    if (this.#taken < this.#page.events.length) return
    this.#page = { ...this.#page, snapshot: null, events: [] }
    this.#taken = 0
  }

  #pass(body: StreamItem['body'], last: boolean): StreamItem {
    const item = { body, cursor: formatCursor(this.#position), opening: this.#opening, last }
    this.#opening = null
    if (last) this.#end()
    return item
  }

  async #read(): Promise<void> {
    this.#reading = true
    try {
      this.#turnTo(await this.#options.readMore(this.#position))
    } catch (error) {
      this.fail(error)
    } finally {
      this.#reading = false
    }
    this.wake()
  }

  #turnTo(page: LogPage): void {
    if (this.#ended) return
    if (page.snapshot === null && page.events.length === 0 && page.head.offset > this.#position.offset) {
      throw new Error(`The log has a hole after offset ${this.#position.offset}.`)
    }
    this.#page = page
    this.#taken = 0
    this.#position = page.position
    this.#snapshotDue = page.snapshot !== null
    // A gap in mid-stream is told like one at the opening; that the log goes on is no news.
    if (this.#snapshotDue) this.#opening = page.opening
    this.#options.feed.learn(page.head)
  }
}
