import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../../core/errors.ts'
import { isBusy } from './node-sqlite.ts'

/** How long the write lock of another process is waited for, in ms. */
export const patienceMs = 10_000

/**
 * The longest pause between two tries, in ms. Pauses that grow are unfair to who has waited longest: with four processes that
 * write without a pause one waited up to 280 ms (with these up to 90 ms). Where the lock is held for so long that its holder
 * must be standing still, it is asked for less often.
 */
const pauseMs = 5
const pauseOverMs = 20
const soonMs = 1000

/**
 * Does it again while another process holds the lock, with pauses in which the event loop goes on. Throws `OVERLOADED`
 * after ten seconds, or after as many ms as `patience` says each time.
 */
export async function retryWhileBusy<T>(action: () => Promise<T>, patience = () => patienceMs): Promise<T> {
  const startedAt = performance.now()
  for (;;) {
    try {
      return await action()
    } catch (error) {
      if (!isBusy(error)) throw error
      const waited = performance.now() - startedAt
      if (waited > patience()) {
        throw new Refusal('OVERLOADED', 'The database is busy; try again shortly.', { retryAfterSeconds: 1 })
      }
      await sleep(1 + Math.random() * (waited < soonMs ? pauseMs - 1 : pauseOverMs))
    }
  }
}
