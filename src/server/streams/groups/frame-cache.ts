import type { GroupFrame } from './frame.ts'

/** Frames of one group that were executed lately, by their cursors. */
export interface FrameCache {
  get(cursor: string): GroupFrame | undefined
  set(frame: GroupFrame): void
  /** Nobody needs these frames any more, nor those that are still being executed. */
  close(): void
}

/** The caches of all groups, bounded together. */
export interface FrameCaches {
  open(): FrameCache
  /** The characters of payloads that are held. */
  readonly characters: number
}

/** Each character is held up to three times: as the payload and as it was framed for two transports. */
const defaultCharacters = 8 * 2 ** 20

interface Held {
  readonly frame: GroupFrame
  readonly owner: Map<string, Held>
}

/** Together they hold at most so many characters of payloads: what was put in first is dropped first. */
export function createFrameCaches(maxCharacters = defaultCharacters): FrameCaches {
  // A Set keeps the order in which its members were put in.
  const all = new Set<Held>()
  let characters = 0

  function drop(held: Held): void {
    all.delete(held)
    held.owner.delete(held.frame.cursor)
    characters -= held.frame.payload.length
  }

  return {
    get characters() {
      return characters
    },
    open() {
      const owner = new Map<string, Held>()
      let isClosed = false
      return {
        get: (cursor) => owner.get(cursor)?.frame,
        set(frame) {
          if (isClosed) return
          const known = owner.get(frame.cursor)
          if (known !== undefined) drop(known)
          const held = { frame, owner }
          owner.set(frame.cursor, held)
          all.add(held)
          characters += frame.payload.length
          for (const oldest of all) {
            if (characters <= maxCharacters) break
            drop(oldest)
          }
        },
        close() {
          isClosed = true
          for (const held of owner.values()) drop(held)
        },
      }
    },
  }
}
