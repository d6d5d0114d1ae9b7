import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '../../core/backoff.ts'
import { Refusal } from '../../core/errors.ts'
import { isBusy } from './node-sqlite.ts'

/** How long the write lock of another process is waited for, in ms. */
const deadlineMs = 10_000

/**
 * Does it again while another process holds the lock, with pauses in which the event loop goes on. Throws `OVERLOADED`
 * after ten seconds.
 */
export async function retryWhileBusy<T>(action: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + deadlineMs
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (Date.now() > deadline) {
        throw new Refusal('OVERLOADED', 'The database is busy; try again shortly.', { retryAfterSeconds: 1 })
      }
      await sleep(backoffMs(attempt, { baseMs: 4, capMs: 100 }))
    }
  }
}
