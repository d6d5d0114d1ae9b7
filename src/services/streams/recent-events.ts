import type { Position } from '../../core/cursor.ts'
import type { LiveEvent } from './live-events.ts'

/** What is held of one topic at the most: so many events, with so many bytes of bodies as JSON. */
const maxEvents = 512
const maxBytes = 256 * 1024

/** What all topics of a process may hold together, in bytes of bodies as JSON. */
export interface RecentBudget {
  left: number
}

/** What a process gives for it unless it is told otherwise. */
export const recentBudgetBytes = 4 * 1024 * 1024

/** How far a page goes. */
export interface PageBounds {
  readonly events: number
  readonly bytes: number
}

interface Held {
  readonly event: LiveEvent
  readonly bytes: number
}

/**
 * The events of one topic that were lately read from the log, or heard of while somebody was behind, for all who want them: in
 * a storm of subscribers who come back, each event is read and parsed once, and who is a little behind catches up without a
 * read, however fast the topic goes on. Events do not change within an epoch, so that any that is held may be given to whoever
 * stands before it. Bounded: who finds nothing here reads the log.
 */
export class RecentEvents {
  readonly #budget: RecentBudget
  /** By offset, in the order in which they came: the first is the next to go. */
  readonly #held = new Map<number, Held>()
  #epoch = ''
  #bytes = 0
  #isWanted = false
  #isClosed = false

  /** Nothing is held yet. */
  constructor(budget: RecentBudget) {
    this.#budget = budget
  }

  /** The event that follows the place; `undefined` when it is not held. */
  after({ epoch, offset }: Position): LiveEvent | undefined {
    if (epoch !== this.#epoch) return undefined
    this.#isWanted = true
    return this.#held.get(offset + 1)?.event
  }

  /**
   * A page of what follows the offset, dense and not beyond the head: a full one, one that reaches the head, or one of half
   * the events at the least; `null` when there is none.
   */
  page(after: number, head: Position, bounds: PageBounds): readonly LiveEvent[] | null {
    if (head.epoch !== this.#epoch) return null
    this.#isWanted = true
    const events: LiveEvent[] = []
    let bytes = 0
    for (let offset = after + 1; offset <= head.offset && events.length < bounds.events; offset += 1) {
      const held = this.#held.get(offset)
      if (held === undefined) return events.length * 2 >= bounds.events ? events : null
      if (events.length > 0 && bytes + held.bytes > bounds.bytes) break
      events.push(held.event)
      bytes += held.bytes
    }
    return events
  }

  /** Holds an event for who asks for it soon. */
  hold(event: LiveEvent): void {
    if (event.epoch !== this.#epoch) {
      this.#clear()
      this.#epoch = event.epoch
    }
    if (this.#isClosed || this.#held.has(event.offset)) return
    const bytes = Buffer.byteLength(JSON.stringify(event.body))
    if (bytes <= Math.min(maxBytes, this.#bytes + this.#budget.left)) this.#add({ event, bytes })
  }

  /** Lets go of everything if nothing was asked for since the last time. */
  sweep(): void {
    if (!this.#isWanted) this.#clear()
    this.#isWanted = false
  }

  /** Holds nothing any more, whatever is still being read. */
  close(): void {
    this.#isClosed = true
    this.#clear()
  }

  #clear(): void {
    for (const held of this.#held.values()) this.#drop(held)
  }

  #add(added: Held): void {
    this.#held.set(added.event.offset, added)
    this.#bytes += added.bytes
    this.#budget.left -= added.bytes
    for (const held of this.#held.values()) {
      if (this.#held.size <= maxEvents && this.#bytes <= maxBytes && this.#budget.left >= 0) break
      this.#drop(held)
    }
  }

  #drop({ event, bytes }: Held): void {
    this.#held.delete(event.offset)
    this.#bytes -= bytes
    this.#budget.left += bytes
  }
}
