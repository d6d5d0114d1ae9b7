import type { OnStoreWork, StoreWork } from '../watch-store.ts'
import { createLeast } from './least.ts'

/** How long the store takes, from what is asked of it anyway. */
export interface StoreLatency {
  readonly onWork: OnStoreWork
  /** In ms, all the time; where nothing was answered lately, for how long the oldest question has waited. 0 where none was asked. */
  read(): number
}

export interface StoreLatencyOptions {
  /** In ms; of any epoch. */
  readonly now: () => number
  /** Hears of each answer how long it took, in ms. Must not throw. */
  readonly onAnswered: (kind: StoreWork, ms: number) => void
}

/** The time over which the least counts, in ms. */
const windowMs = 2_000

export function createStoreLatency({ now, onAnswered }: StoreLatencyOptions): StoreLatency {
  const least = createLeast({ windowMs, fewest: 1 })
  // In the order in which they were asked.
  const waiting = new Set<{ readonly since: number }>()

  return {
    onWork(kind) {
      const question = { since: now() }
      waiting.add(question)
      return () => {
        waiting.delete(question)
        const at = now()
        least.add(at - question.since, at)
        onAnswered(kind, at - question.since)
      }
    },
    read() {
      const at = now()
      const answered = least.read(at)
      if (answered !== null) return answered
      const [oldest] = waiting
      return oldest === undefined ? 0 : at - oldest.since
    },
  }
}
