import type { Position } from '../../core/cursor.ts'
import type { LoggedEvent } from '../../ports/event-log.ts'

/** What is held of one topic at the most: so many events, with so many bytes of bodies as JSON. */
const maxEvents = 512
const maxBytes = 256 * 1024

/** What all topics of a process may hold together, in bytes of bodies as JSON. */
export interface RecentBudget {
  left: number
}

/** What a process gives for it unless it is told otherwise. */
export const recentBudgetBytes = 4 * 1024 * 1024

/** Events with the bytes of their bodies as JSON. */
export interface EventPage {
  readonly events: readonly LoggedEvent[]
  readonly bytes: number
}

/** How far a page goes. */
export interface PageBounds {
  readonly events: number
  readonly bytes: number
}

interface Held {
  readonly event: LoggedEvent
  readonly bytes: number
}

/**
 * The events of one topic that were read from the log lately, for others who want the same: in a storm of subscribers who
 * come back, each event is read and parsed once. Events do not change within an epoch, so whoever knows the head can take
 * what comes before it from here.
 */
export class RecentEvents {
  readonly #budget: RecentBudget
  /** By offset, in the order in which they were read: the first is the next to go. */
  readonly #held = new Map<number, Held>()
  #epoch = ''
  #bytes = 0
  #isUsed = false
  #isClosed = false

  /** Nothing is held yet. */
  constructor(budget: RecentBudget) {
    this.#budget = budget
  }

  /**
   * A page of what follows the offset, dense and not beyond the head: a full one, one that reaches the head, or one of half
   * the events at the least; `null` when there is none.
   */
  page(after: number, head: Position, bounds: PageBounds): EventPage | null {
    if (head.epoch !== this.#epoch) return null
    this.#isUsed = true
    const events: LoggedEvent[] = []
    let bytes = 0
    for (let offset = after + 1; offset <= head.offset && events.length < bounds.events; offset += 1) {
      const held = this.#held.get(offset)
      if (held === undefined) return events.length * 2 >= bounds.events ? { events, bytes } : null
      if (events.length > 0 && bytes + held.bytes > bounds.bytes) break
      events.push(held.event)
      bytes += held.bytes
    }
    return { events, bytes }
  }

  /** Holds what was read. */
  hold(events: readonly LoggedEvent[]): EventPage {
    const [first] = events
    if (first !== undefined && first.epoch !== this.#epoch) {
      this.#clear()
      this.#epoch = first.epoch
    }
    this.#isUsed = true
    let sum = 0
    for (const event of events) {
      const bytes = Buffer.byteLength(JSON.stringify(event.body))
      sum += bytes
      this.#add({ event, bytes })
    }
    return { events, bytes: sum }
  }

  /** Lets go of everything if nothing was asked for since the last time. */
  sweep(): void {
    if (!this.#isUsed) this.#clear()
    this.#isUsed = false
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
    const { offset } = added.event
    if (this.#isClosed || this.#held.has(offset) || added.bytes > Math.min(maxBytes, this.#budget.left)) return
    this.#held.set(offset, added)
    this.#bytes += added.bytes
    this.#budget.left -= added.bytes
    for (const held of this.#held.values()) {
      if (this.#held.size <= maxEvents && this.#bytes <= maxBytes) break
      this.#drop(held)
    }
  }

  #drop({ event, bytes }: Held): void {
    this.#held.delete(event.offset)
    this.#bytes -= bytes
    this.#budget.left += bytes
  }
}
