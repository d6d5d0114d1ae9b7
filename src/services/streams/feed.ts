import type { Position } from '../../core/cursor.ts'
import type { Bus } from '../../ports/bus.ts'
import type { LogHead } from '../../ports/event-log.ts'
import type { Logger } from '../../ports/logger.ts'
import type { FeedListener } from './feed-listener.ts'
import { Following } from './following.ts'
import { type LiveEvent, liveChannel, readLiveEvent } from './live-events.ts'
import type { LogTail } from './log-page.ts'
import type { RecentEvents } from './recent-events.ts'
import type { LiveTopic, TopicFollower } from './stream.ts'

export interface FeedOptions {
  readonly topic: string
  readonly bus: Bus
  readonly logger: Logger
  /** Is given what somebody who listens could not take at once. */
  readonly recent: RecentEvents
  /** One atomic read of the log: the head, and what follows the place. */
  readTail(after: Position): Promise<LogTail>
}

/**
 * What this process knows of one topic while somebody listens to it: how far the log goes, and what is told of it.
 * The bus only makes it quick; whatever it loses, doubles or turns round is mended from the log.
 */
export class Feed implements LiveTopic {
  /** Resolves when the bus has acknowledged the subscription: what is committed from then on is heard of. */
  readonly ready: Promise<void>
  readonly #options: FeedOptions
  readonly #listeners = new Set<FeedListener>()
  #epoch: string | null = null
  #head = 0
  #isComplete = false
  /** The newest place that was heard of before the log was first read. */
  #heard: Position | null = null
  #offering = false
  #mending = false
  #mendAgain = false
  #unsubscribe: (() => void) | null = null
  #closed: { readonly reason: unknown } | null = null

  /** Starts to listen. */
  constructor(options: FeedOptions) {
    this.#options = options
    this.ready = this.#subscribe()
    // Who opens a stream awaits it; without anyone left its failure is nobody's.
    this.ready.catch(() => undefined)
  }

  get topic(): string {
    return this.#options.topic
  }

  /** The log that is being heard; `null` before it was first read. */
  get epoch(): string | null {
    return this.#epoch
  }

  /** The offset up to which the log is known to go. */
  get head(): number {
    return this.#head
  }

  /** Whether the log is known to end with its head. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Why nothing will come any more; `null` while the feed is open. */
  get closed(): { readonly reason: unknown } | null {
    return this.#closed
  }

  /** Throws before the log was first read, which is before a stream is open. */
  get position(): Position {
    if (this.#epoch === null) throw new Error(`The topic ${this.topic} was not read yet.`)
    return { epoch: this.#epoch, offset: this.#head }
  }

  /** The event that follows the place, if it is at hand. */
  atHand(place: Position): LiveEvent | undefined {
    return this.#options.recent.after(place)
  }

  follow(follower: TopicFollower): () => void {
    const { logger, topic } = this.#options
    const leave = (listener: FeedListener) => this.leave(listener)
    const following = new Following({ follower, after: this.position.offset, topic, logger, leave })
    const closed = this.#closed
    if (closed === null) this.join(following)
    else queueMicrotask(() => following.fail(closed.reason))
    return () => following.stop()
  }

  /** Takes note of a head that was read from the log. */
  learn(head: LogHead): void {
    if (this.#epoch === null) {
      const heard = this.#heard
      this.#heard = null
      this.#restart(head)
      if (heard !== null && (heard.epoch !== head.epoch || heard.offset > head.offset)) this.#mend()
    } else if (this.#epoch !== head.epoch) {
      // Which of the two epochs is the present one, only a later read can tell.
      this.#mend()
    } else if (head.offset > this.#head) {
      if (this.#listeners.size > 0) this.#mend()
      else this.#restart(head)
    }
  }

  /** Compares with what a position check found. */
  compare(found: LogHead): void {
    if (this.#epoch === null) {
      // The first read may be under way, and may have seen less.
      if (this.#heard === null || this.#heard.offset < found.offset) this.#heard = found
      return
    }
    if (found.epoch !== this.#epoch || found.offset > this.#head) this.#mend()
  }

  join(listener: FeedListener): void {
    this.#listeners.add(listener)
  }

  leave(listener: FeedListener): void {
    this.#listeners.delete(listener)
  }

  /** Ends the subscription; listeners that are left get the reason. */
  close(reason: unknown): void {
    if (this.#closed !== null) return
    this.#closed = { reason }
    this.#unsubscribe?.()
    for (const listener of this.#present()) listener.fail(reason)
    this.#listeners.clear()
  }

  async #subscribe(): Promise<void> {
    const { bus, topic } = this.#options
    const unsubscribe = await bus.subscribe(liveChannel(topic), (message) => this.#hear(message))
    if (this.#closed !== null) unsubscribe()
    else this.#unsubscribe = unsubscribe
  }

  #hear(message: unknown): void {
    const { logger, topic } = this.#options
    const event = readLiveEvent(message)
    if (event === null) logger.warn({ topic }, 'The bus brought a message that is no event.')
    else if (this.#epoch === null) this.#heard = { epoch: event.epoch, offset: event.offset }
    else if (event.epoch === this.#epoch) this.#accept(event)
    else this.#mend()
  }

  /** The live rule: next goes out, seen is dropped, and after a hole the log is read for everyone at once. */
  #accept(event: LiveEvent): void {
    if (event.offset <= this.#head) return
    // What a listener brings about while it is being told must not overtake that for the others.
    if (event.offset > this.#head + 1 || this.#offering) {
      this.#mend()
      return
    }
    this.#head = event.offset
    this.#isComplete = event.last
    if (this.#offer(event)) this.#options.recent.hold(event)
  }

  /** Tells everyone, and says whether somebody is behind. */
  #offer(event: LiveEvent): boolean {
    let isBehind = false
    this.#offering = true
    try {
      for (const listener of this.#listeners) if (!listener.offer(event)) isBehind = true
    } finally {
      this.#offering = false
    }
    return isBehind
  }

  #restart({ epoch, offset, closed }: LogHead): void {
    this.#epoch = epoch
    this.#head = offset
    this.#isComplete = closed
    for (const listener of this.#present()) listener.restarted()
  }

  /** Who listens now, without those who join while the others are told. */
  #present(): readonly FeedListener[] {
    return [...this.#listeners]
  }

  /** Goes from the blank epoch to the topic's own: before its first event they are the same place. */
  #begin(blank: string, epoch: string): void {
    this.#epoch = epoch
    for (const listener of this.#present()) listener.begun(blank, epoch)
  }

  #mend(): void {
    this.#mendAgain = true
    if (!this.#mending && this.#closed === null) void this.#readWhatIsMissing()
  }

  async #readWhatIsMissing(): Promise<void> {
    const { logger, topic, readTail } = this.#options
    this.#mending = true
    try {
      while (this.#mendAgain && this.#closed === null) {
        this.#mendAgain = false
        this.#takeTail(await readTail(this.position))
      }
    } catch (error) {
      // The next event, or the position check, tries again.
      logger.warn({ topic, error: String(error) }, 'A topic could not be read from the log.')
    } finally {
      this.#mending = false
    }
  }

  #takeTail({ head, after, events }: LogTail): void {
    if (this.#closed !== null) return
    if (head.epoch !== this.#epoch) {
      if (after === null || this.#epoch === null) this.#restart(head)
      else this.#begin(this.#epoch, head.epoch)
    } else if (after === null && head.offset > this.#head) {
      // Forgotten before it could be read here: each listener finds its own gap.
      this.#restart(head)
    }
    for (const event of events) this.#accept(event)
    if (head.offset > this.#head) this.#mendAgain = true
  }
}
