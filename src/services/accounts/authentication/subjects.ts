import type { KnownPrincipal } from '../../../core/principal.ts'
import type { Revocation } from '../sessions/revocations.ts'

/** Things by what a revocation of a session, a user or a key would mean: those that stand on it. */
export interface SubjectIndex<T> {
  add(thing: T, principal: KnownPrincipal): void
  remove(thing: T, principal: KnownPrincipal): void
  /** What stands on the subject of the revocation, as it is at the moment. */
  of(revocation: Revocation): readonly T[]
}

export function createSubjectIndex<T>(): SubjectIndex<T> {
  const things = new Map<string, Set<T>>()

  return {
    add(thing, principal) {
      for (const subject of subjectsOf(principal)) {
        const known = things.get(subject)
        if (known === undefined) things.set(subject, new Set([thing]))
        else known.add(thing)
      }
    },
    remove(thing, principal) {
      for (const subject of subjectsOf(principal)) {
        const known = things.get(subject)
        known?.delete(thing)
        if (known?.size === 0) things.delete(subject)
      }
    },
    of: ({ kind, id }) => [...(things.get(`${kind} ${id}`) ?? [])],
  }
}

function subjectsOf({ userId, sessionId, keyId }: KnownPrincipal): readonly string[] {
  const subjects = [`user ${userId}`]
  if (sessionId !== null) subjects.push(`session ${sessionId}`)
  if (keyId !== null) subjects.push(`apiKey ${keyId}`)
  return subjects
}
