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
  /** About how much is held, in bytes. */
  readonly bytes: number
}

const defaultBytes = 64 * 2 ** 20

/**
 * About how much a frame takes in memory, in bytes. A character is held as the answer, in the payload and in each way to frame
 * it, and all of that again in the frame that opened a stream last: measured with all of them 1.4 kB a frame and 21 bytes for a
 * character of two bytes.
 */
function bytesOf({ payload }: GroupFrame): number {
  return 1_500 + 20 * payload.length
}

interface Held {
  readonly frame: GroupFrame
  readonly owner: Map<string, Held>
}

/** Together they hold at most so many bytes: what was put in first is dropped first. */
export function createFrameCaches(maxBytes = defaultBytes): FrameCaches {
  // A Set keeps the order in which its members were put in.
  const all = new Set<Held>()
  let bytes = 0

  function drop(held: Held): void {
    all.delete(held)
    held.owner.delete(held.frame.cursor)
    bytes -= bytesOf(held.frame)
  }

  return {
    get bytes() {
      return bytes
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
          bytes += bytesOf(frame)
          for (const oldest of all) {
            if (bytes <= maxBytes) break
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
