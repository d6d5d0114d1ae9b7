import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import type { Store } from '../../ports/store.ts'

export interface TopicsTidyOptions {
  readonly store: Pick<Store, 'write'>
  readonly clock: Clock
}

/** Of how many topics one transaction forgets events at most: it holds up every other writer. */
const portion = 100

/** For so long one call goes on, in ms; the rest waits for the next. */
const longestMs = 20_000

/**
 * What keeps the log of events from growing for ever; call it once a minute. Forgets, in small transactions, events whose
 * time is over, and topics on demand that nobody has wanted for long.
 */
export function createTopicsTidy({ store, clock }: TopicsTidyOptions): () => Promise<void> {
  const tidy = () => store.write(({ log }) => log.tidy(clock.now(), portion))
  return async () => {
    const end = performance.now() + longestMs
    while ((await tidy()) > 0 && performance.now() < end) await nextTurn()
  }
}
