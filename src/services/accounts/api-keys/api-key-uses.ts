import type { Clock } from '../../../core/clock.ts'
import type { Store } from '../../../ports/store.ts'

/** When API keys were last used, gathered in memory so that a request costs no write. */
export interface ApiKeyUses {
  note(keyId: string): void
  /** Writes what was noted since the last time. To be called about once a minute, and before the process ends. */
  writeKeyUses(): Promise<void>
}

/** No more keys are noted between two writings: the time of use is a help, not a record. */
const maxKeys = 10_000

/** How many keys one transaction writes. */
const portion = 500

export function createApiKeyUses({ store, clock }: { readonly store: Store; readonly clock: Clock }): ApiKeyUses {
  const uses = new Map<string, number>()

  return {
    note(keyId) {
      if (uses.size < maxKeys || uses.has(keyId)) uses.set(keyId, clock.now())
    },

    async writeKeyUses() {
      const noted = [...uses]
      for (let from = 0; from < noted.length; from += portion) {
        const some = noted.slice(from, from + portion)
        await store.write(({ apiKeys }) => apiKeys.touch(new Map(some)))
        for (const [id, at] of some) if (uses.get(id) === at) uses.delete(id)
      }
    },
  }
}
