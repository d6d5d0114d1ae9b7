import { createTurnQueue } from './turn-queue.ts'

/** Runs works of the same key one after another, in the order in which they were asked for; other keys do not wait. */
type TurnsHere = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Turns within this process, without a bound on who waits. */
export function createTurns(): TurnsHere {
  const queue = createTurnQueue()

  return async (key, work) => {
    const place = queue.enter(key)
    try {
      await place.turn
      return await work()
    } finally {
      // The next one begins however this one ended.
      place.leave()
    }
  }
}
