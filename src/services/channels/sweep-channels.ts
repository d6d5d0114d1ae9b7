import type { Clock } from '../../core/clock.ts'
import type { Records, Store } from '../../ports/store.ts'

/** How much one transaction removes at most: it holds up every other writer. */
const portion = 500

/** How much one call removes of one kind at most; the rest waits for the next. */
const portionsAtOnce = 20

/** What keeps the records beside the log from growing for ever; call it once a minute. Messages go by the keeping of the log. */
export function createChannelsSweep({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
  async function removeAll(purge: (records: Records) => Promise<number>): Promise<void> {
    for (let turn = 0; turn < portionsAtOnce; turn += 1) {
      if ((await store.write(purge)) < portion) return
    }
  }

  return async (): Promise<void> => {
    const now = clock.now()
    await removeAll(({ idempotencyKeys }) => idempotencyKeys.purge(now, portion))
    await removeAll(({ notices }) => notices.purge(now, portion))
  }
}
