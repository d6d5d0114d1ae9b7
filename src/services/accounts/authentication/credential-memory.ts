import type { Refusal } from '../../../core/errors.ts'
import type { KnownPrincipal } from '../../../core/principal.ts'
import type { AccountParts } from '../parts.ts'
import { createCredentialCache } from './credential-cache.ts'
import type { Holdable } from './holdable.ts'
import type { ProvenCredential } from './proven-credential.ts'
import { openRevocationFeed } from './revocation-feed.ts'
import { createWatches } from './watches.ts'

/** What this process knows of credentials that are in use, until they are revoked. */
export interface CredentialMemory extends AsyncDisposable {
  /**
   * What is remembered under the name, or what the look-up finds, which is remembered if it is good. While this process
   * cannot be sure to hear of revocations, everything is looked up: what it remembers must never outlive what is true.
   */
  recall<WhyNot extends string>(
    name: string,
    lookUp: () => Promise<ProvenCredential | WhyNot>,
  ): Promise<ProvenCredential | WhyNot>
  /** As `Authentication.watch`. */
  watch(principal: KnownPrincipal, onEnd: (why: Refusal) => void, held?: Holdable): () => void
}

export type CredentialMemoryOptions = Pick<AccountParts, 'store' | 'bus' | 'clock' | 'logger' | 'policy' | 'keys'>

/** How many credentials one process remembers: with their principals they take about 1 KB each. */
const rememberedCredentials = 10_000

/** Listens for revocations from now on, until it is disposed of. */
export function openCredentialMemory(options: CredentialMemoryOptions): CredentialMemory {
  const { clock, logger, keys } = options
  const cache = createCredentialCache(rememberedCredentials)
  const watches = createWatches(options)

  function reloadKeys(): void {
    keys.reload().catch((error: unknown) => {
      logger.error({ error: String(error) }, 'The signing keys have changed and could not be read again.')
    })
  }

  const feed = openRevocationFeed({
    ...options,
    listener: {
      revoked(revocation) {
        cache.revoked(revocation)
        watches.revoked(revocation)
        if (revocation.kind === 'signingKeys') reloadKeys()
      },
      missed() {
        cache.clear()
        watches.missed()
        reloadKeys()
      },
      tick: () => watches.tick(),
    },
  })

  return {
    async recall(name, lookUp) {
      if (!feed.isCurrent()) return lookUp()
      const known = cache.get(name, clock.now())
      if (known !== null) return known
      const begun = cache.begin()
      const found = await lookUp()
      if (typeof found !== 'string') cache.keep(begun, name, found)
      return found
    },
    watch: (principal, onEnd, held) => watches.add(principal, onEnd, held),
    [Symbol.asyncDispose]: () => feed[Symbol.asyncDispose](),
  }
}
