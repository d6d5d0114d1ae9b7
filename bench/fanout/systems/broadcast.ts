import type { Told } from './event-schema.ts'

/** A pub/sub with one topic: the least that stands between who publishes and async iterators, a queue for each. */
export interface Broadcast {
  publish(told: Told): void
  subscribe(): AsyncIterableIterator<Told, undefined>
}

export function createBroadcast(): Broadcast {
  const listeners = new Set<(told: Told) => void>()

  function subscribe(): AsyncIterableIterator<Told, undefined> {
    const queue: Told[] = []
    let wake: ((result: IteratorResult<Told, undefined>) => void) | null = null
    function hear(told: Told): void {
      if (wake === null) queue.push(told)
      else {
        const resolve = wake
        wake = null
        resolve({ done: false, value: told })
      }
    }
    listeners.add(hear)
    return {
      next() {
        const told = queue.shift()
        if (told !== undefined) return Promise.resolve({ done: false, value: told })
        return new Promise((resolve) => (wake = resolve))
      },
      return() {
        listeners.delete(hear)
        wake?.({ done: true, value: undefined })
        return Promise.resolve({ done: true, value: undefined })
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  return {
    publish(told) {
      for (const hear of listeners) hear(told)
    },
    subscribe,
  }
}
