import type { Position } from '../../core/cursor.ts'
import type { Bus } from '../../ports/bus.ts'
import type { LoggedEvent, LogHead } from '../../ports/event-log.ts'
import type { Logger } from '../../ports/logger.ts'
import { type LiveEvent, liveChannel, readLiveEvent } from './live-events.ts'
import { createLiveWindow } from './live-window.ts'

/** One who reads the topic. All functions return at once and never throw. */
export interface FeedListener {
  /** Gives the event that follows the feed's head. Says whether the listener is past it now. */
  offer(event: LiveEvent): boolean
  /** Whether the listener needs no event up to the offset any more. */
  isPast(offset: number): boolean
  /** The feed knows of something that the listener may be waiting for. */
  wake(): void
  /** Nothing will come any more. */
  fail(reason: unknown): void
}

export interface FeedOptions {
  readonly topic: string
  readonly bus: Bus
  readonly logger: Logger
  /** One atomic read of the log: the head, and events after the offset. */
  readTail(after: number): Promise<{ readonly head: LogHead | null; readonly events: readonly LoggedEvent[] }>
}

/**
 * What this process knows of one topic while somebody listens to it: how far the log goes, and the newest events of it.
 * The bus only makes it quick; whatever it loses, doubles or turns round is mended from the log.
 */
export class Feed {
  /** Resolves when the bus has acknowledged the subscription: what is committed from then on is heard of. */
  readonly ready: Promise<void>
  readonly #options: FeedOptions
  readonly #listeners = new Set<FeedListener>()
  readonly #window = createLiveWindow()
  #epoch: string | null = null
  #head = 0
  /** The newest event that the bus told of before the log was first read. */
  #heard: Position | null = null
  #mending = false
  #mendAgain = false
  #unsubscribe: (() => void) | null = null
  #closed = false

  /** Starts to listen. */
  constructor(options: FeedOptions) {
    this.#options = options
    this.ready = this.#subscribe()
    // Who opens a stream awaits it; without anyone left its failure is nobody's.
    this.ready.catch(() => undefined)
  }

  /** The log that is being heard; `null` while it is not known. */
  get epoch(): string | null {
    return this.#epoch
  }

  /** The offset up to which the log is known to go. */
  get head(): number {
    return this.#head
  }

  /** The event at the offset, if it is still at hand. */
  recent(offset: number): LiveEvent | undefined {
    return this.#window.get(offset)
  }

  /** Takes note of a head that was read from the log. */
  learn(head: LogHead): void {
    if (this.#epoch === head.epoch) {
      if (head.offset <= this.#head) return
      if (this.#listeners.size > 0) this.#mend()
      else this.#restart(head.epoch, head.offset)
      return
    }
    const heard = this.#heard
    this.#heard = null
    this.#restart(head.epoch, head.offset)
    if (heard !== null && (heard.epoch !== head.epoch || heard.offset > head.offset)) this.#mend()
  }

  /** Compares with what a position check found; a topic that is gone is `null`. */
  compare(found: LogHead | null): void {
    if (this.#epoch === null) return
    if (found === null || found.epoch !== this.#epoch || found.offset > this.#head) this.#mend()
    if ([...this.#listeners].every((listener) => listener.isPast(this.#head))) this.#window.clear()
  }

  join(listener: FeedListener): void {
    this.#listeners.add(listener)
  }

  leave(listener: FeedListener): void {
    this.#listeners.delete(listener)
  }

  /** Ends the subscription; listeners that are left get the reason. */
  close(reason: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#unsubscribe?.()
    for (const listener of this.#listeners) listener.fail(reason)
    this.#listeners.clear()
  }

  async #subscribe(): Promise<void> {
    const { bus, topic } = this.#options
    const unsubscribe = await bus.subscribe(liveChannel(topic), (message) => this.#hear(message))
    if (this.#closed) unsubscribe()
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
    if (event.offset > this.#head + 1) {
      this.#mend()
      return
    }
    this.#head = event.offset
    let behind = false
    for (const listener of this.#listeners) if (!listener.offer(event)) behind = true
    if (behind) this.#window.push(event)
    else this.#window.clear()
  }

  #restart(epoch: string | null, head: number): void {
    this.#epoch = epoch
    this.#head = head
    this.#window.clear()
    for (const listener of this.#listeners) listener.wake()
  }

  #mend(): void {
    this.#mendAgain = true
    if (!this.#mending && !this.#closed) void this.#readWhatIsMissing()
  }

  async #readWhatIsMissing(): Promise<void> {
    const { logger, topic, readTail } = this.#options
    this.#mending = true
    try {
      while (this.#mendAgain && !this.#closed) {
        this.#mendAgain = false
        const { head, events } = await readTail(this.#head)
        if (head === null || head.epoch !== this.#epoch) this.#restart(head?.epoch ?? null, head?.offset ?? 0)
        else this.#takeTail(head, events)
      }
    } catch (error) {
      // The next event, or the position check, tries again.
      logger.warn({ topic, error: String(error) }, 'A topic could not be read from the log.')
    } finally {
      this.#mending = false
    }
  }

  #takeTail(head: LogHead, events: readonly LoggedEvent[]): void {
    const [first] = events
    const isForgotten = first === undefined || first.offset > this.#head + 1
    // Forgotten before it could be read here: each listener finds its own gap.
    if (head.offset > this.#head && isForgotten) this.#restart(head.epoch, head.offset)
    for (const event of events) this.#accept(event)
    if (head.offset > this.#head) this.#mendAgain = true
  }
}
