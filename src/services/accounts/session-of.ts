import { Refusal } from '../../core/errors.ts'
import type { KnownPrincipal, Principal } from '../../core/principal.ts'

/** A user who came by a session: the only one who may change an account. */
export interface SessionPrincipal extends KnownPrincipal {
  readonly kind: 'user'
  readonly sessionId: string
}

/**
 * The principal as one with a session. Throws `UNAUTHENTICATED` or `SESSION_REVOKED` for nobody, and `FORBIDDEN` for an API
 * key, which never reaches an account (ASVS 7.2.2).
 */
export function sessionOf(principal: Principal): SessionPrincipal {
  if (principal.kind === 'anonymous') throw new Refusal(principal.refused ?? 'UNAUTHENTICATED', 'Sign in first.')
  const { kind, sessionId } = principal
  if (kind === 'apiKey' || sessionId === null) {
    throw new Refusal('FORBIDDEN', 'An API key cannot do this: sign in as a user.')
  }
  return { ...principal, kind, sessionId }
}
