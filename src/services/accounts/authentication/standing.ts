import { Refusal } from '../../../core/errors.ts'
import { type KnownPrincipal, type Scope, scopesOf } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import type { AccountPolicy } from '../account-policy.ts'
import { grantedScopes } from './granted-scopes.ts'
import { findSession, isStanding } from './prove-session.ts'

/** A credential that still stands, and when it ends by itself as far as the store knows. */
export interface Standing {
  readonly expiresAt: number | null
}

/** Whether what somebody was let in by still stands with all of its scopes; the reason why not otherwise. */
export function standingOf(
  records: Records,
  principal: KnownPrincipal,
  at: { readonly now: number; readonly policy: AccountPolicy },
): Promise<Standing | Refusal> {
  return principal.keyId === null
    ? standingOfSession(records, principal, at)
    : standingOfKey(records, principal, principal.keyId, at.now)
}

async function standingOfSession(
  records: Records,
  { sessionId, scopes }: KnownPrincipal,
  { now, policy }: { readonly now: number; readonly policy: AccountPolicy },
): Promise<Standing | Refusal> {
  const found = sessionId === null ? null : await findSession(records, sessionId)
  if (found === null || !isStanding(found, now, policy)) return revoked()
  const granted = grantedScopes(found.user, found.session, policy)
  return holds(granted.scopes, scopes) ? { expiresAt: found.session.expiresAt } : reduced()
}

async function standingOfKey(
  { apiKeys, accounts }: Records,
  { userId, scopes }: KnownPrincipal,
  keyId: string,
  now: number,
): Promise<Standing | Refusal> {
  const key = await apiKeys.find(keyId)
  const user = await accounts.findUser(userId)
  if (key?.revokedAt !== null || user?.disabledAt !== null) return revoked()
  if (key.expiresAt !== null && now >= key.expiresAt)
    return new Refusal('UNAUTHENTICATED', 'The credential has expired.')
  const granted = scopesOf(user.roles).filter((scope) => key.scopes.includes(scope))
  return holds(granted, scopes) ? { expiresAt: key.expiresAt } : reduced()
}

function holds(granted: readonly Scope[], used: readonly Scope[]): boolean {
  return used.every((scope) => granted.includes(scope))
}

function revoked(): Refusal {
  return new Refusal('SESSION_REVOKED', 'The session or key was revoked: sign in again.')
}

/** Not the end of the credential: who comes again is let in with what is left. */
function reduced(): Refusal {
  return new Refusal('UNAUTHENTICATED', 'The credential may do less than it could: come again with it.')
}
