import type { Refusal } from '../../../core/errors.ts'
import type { KnownPrincipal } from '../../../core/principal.ts'
import type { Revocation } from '../sessions/revocations.ts'
import type { Holdable } from './holdable.ts'
import { createSubjectIndex } from './subjects.ts'

/** Somebody who wants to know when a credential ends. */
export interface Watch {
  readonly onEnd: (why: Refusal) => void
  readonly held: Holdable | null
  expiresAt: number | null
}

/** What one look-up tells of, for all who were let in by it. */
export interface WatchedCredential {
  readonly principal: KnownPrincipal
  readonly watches: Set<Watch>
  /** Whether it may have changed since it was looked up. */
  isDoubted: boolean
}

/** The credentials that somebody watches. */
export interface WatchedCredentials {
  /** Watches that of the principal. */
  add(principal: KnownPrincipal, watch: Watch): WatchedCredential
  /** Says whether it was watching. With the last one the credential is forgotten. */
  remove(credential: WatchedCredential, watch: Watch): boolean
  all(): Iterable<WatchedCredential>
  /** What stands on the subject of the revocation. */
  of(revocation: Revocation): readonly WatchedCredential[]
  /** How many watch. */
  readonly watches: number
}

export function createWatchedCredentials(): WatchedCredentials {
  const byName = new Map<string, WatchedCredential>()
  const bySubject = createSubjectIndex<WatchedCredential>()

  function open(principal: KnownPrincipal): WatchedCredential {
    const name = nameOf(principal)
    const known = byName.get(name)
    if (known !== undefined) return known
    const credential = { principal, watches: new Set<Watch>(), isDoubted: false }
    byName.set(name, credential)
    bySubject.add(credential, principal)
    return credential
  }

  return {
    add(principal, watch) {
      const credential = open(principal)
      credential.watches.add(watch)
      return credential
    },
    remove(credential, watch) {
      if (!credential.watches.delete(watch)) return false
      if (credential.watches.size > 0) return true
      byName.delete(nameOf(credential.principal))
      bySubject.remove(credential, credential.principal)
      return true
    },
    all: () => byName.values(),
    of: (revocation) => bySubject.of(revocation),
    get watches() {
      let count = 0
      for (const { watches } of byName.values()) count += watches.size
      return count
    },
  }
}

/** The same for all principals that `standingOf` answers the same for. */
function nameOf({ userId, sessionId, keyId, scopes }: KnownPrincipal): string {
  return JSON.stringify([userId, sessionId, keyId, scopes])
}
