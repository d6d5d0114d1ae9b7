/** What a credential may be allowed to do; a session has all the scopes of its user. */
export const scopes = [
  'jobs:read',
  'jobs:write',
  'artifacts:read',
  'artifacts:write',
  'channels:read',
  'channels:publish',
  'account:read',
  'admin',
] as const

export type Scope = (typeof scopes)[number]

export const roles = ['user', 'admin'] as const

export type Role = (typeof roles)[number]

/** Somebody who is known: a user through a session, or through one of their API keys. */
export interface KnownPrincipal {
  readonly kind: 'user' | 'apiKey'
  readonly userId: string
  readonly scopes: readonly Scope[]
  readonly roles: readonly Role[]
  /** 1: one factor was shown; 2: two were (NIST SP 800-63B AAL). */
  readonly assurance: 1 | 2
  /** When the factors were shown, milliseconds since 1970. */
  readonly authenticatedAt: number
  readonly sessionId: string | null
  /** Of the session's credentials when they were shown; `null` for a key. They are dead once the session has a later one. */
  readonly generation: number | null
  readonly keyId: string | null
  /** When the credential ends by itself (token, session or key), ms since 1970; `null`: never. Live streams end then, too. */
  readonly expiresAt: number | null
  /** Whether a second factor must be set up before anything else: the scopes are cut down to that until then. */
  readonly mustEnrol: boolean
}

/** Nobody that is known. `refused` says why an ambient credential (a cookie of a dead session) was not accepted. */
export interface AnonymousPrincipal {
  readonly kind: 'anonymous'
  readonly refused: 'UNAUTHENTICATED' | 'SESSION_REVOKED' | null
}

/** Who is asking: every request, socket and stream has exactly one. */
export type Principal = KnownPrincipal | AnonymousPrincipal

export const anonymous: AnonymousPrincipal = { kind: 'anonymous', refused: null }

/** The scopes that a user's roles give. */
export function scopesOf(userRoles: readonly Role[]): readonly Scope[] {
  return userRoles.includes('admin') ? scopes : scopes.filter((scope) => scope !== 'admin')
}
