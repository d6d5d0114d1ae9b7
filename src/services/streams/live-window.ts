import type { LiveEvent } from './live-events.ts'

/** The most events, and characters of their bodies as JSON, that a topic holds for readers that are a little behind. */
const maxEvents = 256
const maxCharacters = 64 * 1024

/** The newest events of one topic, dense up to its head. Bounded: who falls out of it reads the log. */
export interface LiveWindow {
  /** Adds the event that follows the newest one. */
  push(event: LiveEvent): void
  /** The event at an offset; `undefined` when it is not held. */
  get(offset: number): LiveEvent | undefined
  clear(): void
}

/** An empty window. */
export function createLiveWindow(): LiveWindow {
  let held: { readonly event: LiveEvent; readonly characters: number }[] = []
  let characters = 0

  return {
    push(event) {
      const size = JSON.stringify(event.body).length
      held.push({ event, characters: size })
      characters += size
      let tooMany = 0
      while (held.length - tooMany > maxEvents || characters > maxCharacters) {
        characters -= held[tooMany]?.characters ?? 0
        tooMany += 1
      }
      if (tooMany > 0) held.splice(0, tooMany)
    },
    get(offset) {
      const first = held[0]?.event.offset
      return first === undefined ? undefined : held[offset - first]?.event
    },
    clear() {
      if (held.length > 0) held = []
      characters = 0
    },
  }
}
