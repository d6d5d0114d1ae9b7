import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '../../core/backoff.ts'
import { Refusal } from '../../core/errors.ts'

/** So often is a write tried before it is given up: what fails as often will not succeed. */
const maxTries = 10

/**
 * Does it again while it fails, with growing pauses of at most two seconds, until it is done, the signal is aborted or ten
 * tries have failed. Then throws what it last failed with.
 */
export async function persistently<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action()
    } catch (error) {
      // A bug does not go away by itself, and a refusal is an answer.
      const isFinal = error instanceof TypeError || error instanceof Refusal
      if (isFinal || signal.aborted || attempt === maxTries) throw error
      await sleep(backoffMs(attempt, { baseMs: 50, capMs: 2000 }), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) throw error
    }
  }
}
