/** The right to occupy one thread. */
export interface Slot {
  /** Gives it back; later calls do nothing. */
  release(): void
}

export interface Slots {
  /**
   * Waits for a slot, first come, first served. `aborted` at once when the signal is, `closed` after `close`, `full` when
   * `maxWaiting` others wait already.
   */
  take(signal: AbortSignal): Promise<Slot | 'aborted' | 'closed' | 'full'>
  /** Sends all who wait away. */
  close(): void
}

export function createSlots(count: number, maxWaiting: number): Slots {
  let free = count
  let closed = false
  const waiting = new Set<(answer: 'slot' | 'closed') => void>()

  function slot(): Slot {
    let released = false
    return {
      release() {
        if (released) return
        released = true
        const [next] = waiting
        if (next === undefined) free += 1
        else next('slot')
      },
    }
  }

  async function take(signal: AbortSignal): Promise<Slot | 'aborted' | 'closed' | 'full'> {
    if (closed) return 'closed'
    if (signal.aborted) return 'aborted'
    if (free > 0) {
      free -= 1
      return slot()
    }
    if (waiting.size >= maxWaiting) return 'full'
    const { promise, resolve } = Promise.withResolvers<'slot' | 'closed' | 'aborted'>()
    const onAbort = (): void => settle('aborted')
    const settle = (answer: 'slot' | 'closed' | 'aborted'): void => {
      waiting.delete(settle)
      signal.removeEventListener('abort', onAbort)
      resolve(answer)
    }
    waiting.add(settle)
    signal.addEventListener('abort', onAbort, { once: true })
    const answer = await promise
    return answer === 'slot' ? slot() : answer
  }

  function close(): void {
    closed = true
    for (const settle of waiting) settle('closed')
  }

  return { take, close }
}
