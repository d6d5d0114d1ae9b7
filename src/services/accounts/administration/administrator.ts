import { Refusal } from '../../../core/errors.ts'
import type { KnownPrincipal, Principal } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import { requireFresh } from '../factors/freshness.ts'
import { sessionOf } from '../session-of.ts'

/** Who looks after users: an administrator, or the operator by the command line (`null`), who needs no proof. */
export type Administrator = Principal | null

/** Whoever may read what administrators read. Throws `UNAUTHENTICATED`, `SESSION_REVOKED` or `INSUFFICIENT_SCOPE`. */
export function assertMayAdminister(by: Administrator): void {
  if (by === null) return
  if (by.kind === 'anonymous') throw new Refusal(by.refused ?? 'UNAUTHENTICATED', 'Sign in first.')
  if (!isAdministrator(by)) throw new Refusal('INSUFFICIENT_SCOPE', 'This needs the scope admin.')
}

/** Whether a credential reads for an administrator. */
export function isAdministrator({ roles, scopes }: KnownPrincipal): boolean {
  return roles.includes('admin') && scopes.includes('admin')
}

/** Whoever may change other accounts, as far as it is known without looking anything up. Throws as `sessionOf` does, and `INSUFFICIENT_SCOPE`. */
export function assertMayChange(by: Administrator): void {
  if (by !== null) assertMayAdminister(sessionOf(by))
}

/**
 * Whoever may change other accounts now, in the transaction of the change: with a session, an administrator still, who has
 * shown their factors lately. Throws as `sessionOf` does, `INSUFFICIENT_SCOPE` and `STEP_UP_REQUIRED`.
 */
export async function assertAdministrator(records: Records, by: Administrator, now: number): Promise<void> {
  if (by === null) return
  const session = sessionOf(by)
  assertMayAdminister(session)
  const user = await records.accounts.findUser(session.userId)
  // Somebody may have taken it from them since the request came in.
  if (user?.disabledAt !== null || !user.roles.includes('admin')) {
    throw new Refusal('INSUFFICIENT_SCOPE', 'This needs the scope admin.')
  }
  await requireFresh(records, session, now)
}
