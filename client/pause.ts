/** Waits so many ms, or until the signal is aborted. Never rejects; leaves no timer behind. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}

/** How long to wait after so many failures in a row, in ms: longer each time, at random, so that many clients do not come back together. */
export function backoff(failures: number): number {
  return Math.random() * Math.min(5_000, 250 * 2 ** Math.min(failures, 10))
}
