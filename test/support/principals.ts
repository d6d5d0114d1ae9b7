import { newId } from '../../src/core/ids.ts'
import { type KnownPrincipal, type Role, scopesOf } from '../../src/core/principal.ts'

/** Somebody who is signed in with all the scopes of their roles. */
export function somebody(overrides: Partial<KnownPrincipal> = {}): KnownPrincipal {
  const roles: readonly Role[] = overrides.roles ?? ['user']
  return {
    kind: 'user',
    userId: newId('user'),
    scopes: scopesOf(roles),
    roles,
    assurance: 1,
    authenticatedAt: 0,
    sessionId: newId('session'),
    generation: 1,
    keyId: null,
    expiresAt: null,
    mustEnrol: false,
    ...overrides,
  }
}
