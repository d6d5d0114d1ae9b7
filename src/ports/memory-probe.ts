import type { GcFigures } from '../core/loop.ts'
import type { HeapSpace, HeldMemory, MemorySample } from '../core/memory.ts'

/** A pause of the main thread for garbage collection. */
export interface Collection {
  readonly kind: GcFigures['kind']
  readonly ms: number
}

/**
 * Looks at the memory of this process. Nothing is looked at between calls, but the garbage collector's pauses, which V8 tells of
 * itself. Listeners hear of them in order, once the turn of the event loop in which they were is over, in a quiet process with the
 * next thing that it does. They must not throw.
 */
export interface MemoryProbe extends Disposable {
  /** Cheap: 12 µs. */
  sample(): MemorySample
  /** The spaces of the main thread's heap. As cheap. */
  spaces(): readonly HeapSpace[]
  /** Hears of every pause; call the result to stop. */
  onCollection(listener: (collection: Collection) => void): () => void
  /**
   * Hears what is held after each full collection, asked for or not: what the rest of that turn of the event loop allocated is
   * in it, and of external memory what it freed, which V8 counts until the next collection. Call the result to stop.
   */
  onFullCollection(listener: (held: HeldMemory) => void): () => void
  /**
   * Collects all garbage of the main thread, once the present turn of the event loop is over, and tells what is held; the event
   * loop stands still meanwhile. Who asks while one is under way waits for that one.
   */
  collectNow(): Promise<CollectedMemory>
}

export interface CollectedMemory extends HeldMemory {
  /** For how long the event loop stood still. */
  readonly pauseMs: number
}
