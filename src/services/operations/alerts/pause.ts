/** Waits for so many ms, or until the signal is aborted. Keeps no process alive. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    timer.unref()
    signal.addEventListener('abort', end)
  })
}

/** What the work gives, or `late` where that takes longer than so many ms. */
export async function within<T>(work: Promise<T>, ms: number, late: T): Promise<T> {
  const done = new AbortController()
  try {
    return await Promise.race([work, pause(ms, done.signal).then(() => late)])
  } finally {
    done.abort()
  }
}
