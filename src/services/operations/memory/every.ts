/**
 * Does something again and again, never twice at once; what it rejects with is told, until it is disposed of. It keeps no
 * process alive.
 */
export function every(ms: number, work: () => Promise<void>, onFailure: (error: unknown) => void): Disposable {
  let isOver = false
  let isDoing = false

  async function doIt(): Promise<void> {
    if (isDoing) return
    isDoing = true
    try {
      await work()
    } catch (error) {
      if (!isOver) onFailure(error)
    } finally {
      isDoing = false
    }
  }

  const timer = setInterval(() => void doIt(), ms)
  timer.unref()

  return {
    [Symbol.dispose]() {
      isOver = true
      clearInterval(timer)
    },
  }
}
