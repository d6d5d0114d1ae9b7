import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for the promise, but no longer than so many ms. Rejects as the promise does, as long as it waits. */
export async function within(ms: number, promise: PromiseLike<unknown> | undefined): Promise<void> {
  const timeUp = new AbortController()
  try {
    await Promise.race([promise, sleep(ms, undefined, { signal: timeUp.signal }).catch(() => undefined)])
  } finally {
    timeUp.abort()
  }
}
