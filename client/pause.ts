/** The longest time of a timer, in ms: a longer one would end at once. */
const longestMs = 2 ** 31 - 1

/** Waits so many ms, or until the signal is aborted. Never rejects; leaves no timer behind. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, Math.min(ms, longestMs))
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}

/**
 * How long to wait after so many failures in a row, in ms: longer each time, and never less than was asked for; at random, so
 * that many clients that were asked for the same do not come back together.
 */
export function backoff(failures: number, askedMs: number): number {
  return askedMs + Math.random() * Math.max(askedMs / 4, Math.min(5_000, 250 * 2 ** Math.min(failures, 10)))
}
