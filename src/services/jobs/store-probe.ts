import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../../ports/store.ts'

/** How long a write is waited for: so many times so many ms. Longer than the store makes writers pause by itself. */
const looks = 25
const lookMs = 100

/**
 * What says whether a write of this process does not get through for 2.5 s, although its event loop went on all the while: who
 * holds the lock then stands still, for a transaction takes milliseconds. Never rejects.
 */
export function createStoreProbe(store: Pick<Store, 'write'>): () => Promise<boolean> {
  return async () => {
    let isBlocked = true
    const free = () => {
      isBlocked = false
    }
    // A store that says no is not blocked.
    const written = store.write(async () => undefined).then(free, free)
    // In many short waits: a time in which this process itself stood still is one of them, however long it was.
    for (let look = 0; isBlocked && look < looks; look += 1) await Promise.race([written, sleep(lookMs)])
    return isBlocked
  }
}
