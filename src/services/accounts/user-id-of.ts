import { Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'

/** The user that may read their account. Throws `UNAUTHENTICATED`, `SESSION_REVOKED` or `INSUFFICIENT_SCOPE`. */
export function userIdOf(principal: Principal): string {
  if (principal.kind === 'anonymous') throw new Refusal(principal.refused ?? 'UNAUTHENTICATED', 'Sign in first.')
  if (!principal.scopes.includes('account:read')) {
    throw new Refusal('INSUFFICIENT_SCOPE', 'This needs the scope account:read.')
  }
  return principal.userId
}
