import type { Revocation } from '../sessions/revocations.ts'
import type { ProvenCredential } from './proven-credential.ts'
import { createSubjectIndex } from './subjects.ts'

/**
 * Credentials that were found good, by the SHA-256 of their text: at most so many, those least recently used go first.
 * What is revoked is gone at once, and no look-up that began before the revocation brings it back.
 */
export interface CredentialCache {
  /** What is remembered under the key and still good; `null` otherwise. */
  get(key: string, now: number): ProvenCredential | null
  /** To be called before a look-up: what `keep` needs. */
  begin(): LookUp
  /** Remembers what the look-up found, unless anything was revoked since it began. */
  keep(lookUp: LookUp, key: string, proven: ProvenCredential): void
  revoked(revocation: Revocation): void
  /** Forgets everything. */
  clear(): void
  readonly size: number
}

/** How many revocations had been heard when a look-up began. */
export interface LookUp {
  readonly revocations: number
}

export function createCredentialCache(capacity: number): CredentialCache {
  /** In the order of their last use. */
  const entries = new Map<string, ProvenCredential>()
  const keys = createSubjectIndex<string>()
  let revocations = 0

  function forget(key: string): void {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    keys.remove(key, entry.principal)
  }

  return {
    get(key, now) {
      const entry = entries.get(key)
      if (entry === undefined) return null
      if (now >= entry.goodUntil) {
        forget(key)
        return null
      }
      entries.delete(key)
      entries.set(key, entry)
      return entry
    },

    begin: () => ({ revocations }),

    keep(lookUp, key, proven) {
      if (lookUp.revocations !== revocations) return
      forget(key)
      entries.set(key, proven)
      keys.add(key, proven.principal)
      if (entries.size <= capacity) return
      const [oldest] = entries.keys()
      if (oldest !== undefined) forget(oldest)
    },

    revoked(revocation) {
      revocations += 1
      for (const key of keys.of(revocation)) forget(key)
    },

    clear() {
      revocations += 1
      for (const key of entries.keys()) forget(key)
    },

    get size() {
      return entries.size
    },
  }
}
