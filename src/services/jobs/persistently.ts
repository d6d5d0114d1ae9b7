import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '../../core/backoff.ts'
import { Refusal } from '../../core/errors.ts'

/** So often is a write tried before it is given up: what fails as often will not succeed. */
const mostTries = 10

/**
 * Does it again while it fails, with growing pauses of at most two seconds, until it is done, the signal is aborted or so many
 * tries have failed. Then throws what it last failed with. `OVERLOADED` passes by itself, however long that takes: it counts as
 * no try.
 */
export async function persistently<T>(action: () => Promise<T>, signal: AbortSignal, tries = mostTries): Promise<T> {
  let failures = 0
  for (let pauses = 1; ; pauses += 1) {
    try {
      return await action()
    } catch (error) {
      if (!isOverloaded(error)) failures += 1
      if (isFinal(error) || signal.aborted || failures >= tries) throw error
      await sleep(backoffMs(pauses, { baseMs: 50, capMs: 2000 }), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) throw error
    }
  }
}

/** A bug does not go away by itself, and a refusal is an answer. */
function isFinal(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Refusal && !isOverloaded(error))
}

function isOverloaded(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'OVERLOADED'
}
