import type { OnStoreWork, StoreWork } from '../watch-store.ts'
import { createLeast } from './least.ts'

/** How long the store takes, from what is asked of it anyway. */
export interface StoreLatency {
  readonly onWork: OnStoreWork
  /**
   * In ms: what the least of the last answers took, or for how long the oldest question has waited if that is more. Of reads
   * or of writes, whichever is more: where another process holds the lock, writes wait and reads go on. 0 where none was asked.
   */
  read(): number
  /** The same of the writes alone. */
  readWrites(): number
}

export interface StoreLatencyOptions {
  /** In ms; of any epoch. */
  readonly now: () => number
  /** Hears of each answer how long it took, in ms. Must not throw. */
  readonly onAnswered: (kind: StoreWork, ms: number) => void
}

/** Longer than any single slow transaction should take, so that one of them is not taken for all. */
const windowMs = 2_000

export function createStoreLatency({ now, onAnswered }: StoreLatencyOptions): StoreLatency {
  const reads = createKind()
  const writes = createKind()

  return {
    onWork(kind) {
      const asked = kind === 'read' ? reads : writes
      const since = now()
      const answered = asked.ask(since)
      return () => {
        const at = now()
        answered(at)
        onAnswered(kind, at - since)
      }
    },
    read: () => Math.max(reads.read(now()), writes.read(now())),
    readWrites: () => writes.read(now()),
  }
}

/** The questions of one kind. */
function createKind() {
  const least = createLeast({ windowMs, fewest: 1 })
  // In the order in which they were asked.
  const waiting = new Set<{ readonly since: number }>()

  return {
    ask(since: number): (at: number) => void {
      const question = { since }
      waiting.add(question)
      return (at) => {
        waiting.delete(question)
        least.add(at - since, at)
      }
    },
    read(at: number): number {
      const [oldest] = waiting
      return Math.max(least.read(at) ?? 0, oldest === undefined ? 0 : at - oldest.since)
    },
  }
}
