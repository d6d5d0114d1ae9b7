import type { Clock } from '../../../core/clock.ts'
import { Refusal } from '../../../core/errors.ts'
import {
  type AnonymousPrincipal,
  anonymous,
  type KnownPrincipal,
  type Principal,
  scopesOf,
} from '../../../core/principal.ts'
import type { AccessTokens } from '../../../ports/access-tokens.ts'
import type { SessionRecord, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Store } from '../../../ports/store.ts'
import type { ClientInfo } from '../accounts.ts'
import { isAlive, isTouchDue, type SessionLifetimes } from '../sessions/session-life.ts'
import { isSecretOf, parseSessionToken } from '../sessions/session-token.ts'

/** What every API key starts with. */
const apiKeyPrefix = 'mr_'

interface Found {
  readonly session: SessionRecord
  readonly user: UserRecord
}

/** The credentials that a request came with, as plain values; `null` where there was none. */
export interface Credentials {
  /** The header `x-api-key`. */
  readonly apiKey: string | null
  /** The token of `Authorization: Bearer …` (or of `connection_init`). */
  readonly bearer: string | null
  /** The value of the session cookie. */
  readonly sessionCookie: string | null
}

/** Finding out who is asking, and hearing when that ends. */
export interface Authentication {
  /**
   * The one function that knows every kind of credential: API key, then bearer token, then session cookie, then nobody.
   * A header credential that is not valid throws `UNAUTHENTICATED` or `SESSION_REVOKED`. A dead cookie, which the browser
   * sends unasked, gives an anonymous principal that says why, so that signing in again is possible.
   */
  authenticate(credentials: Credentials, client: ClientInfo): Promise<Principal>
}

export interface AuthenticationOptions extends SessionLifetimes {
  readonly store: Store
  readonly tokens: AccessTokens
  readonly clock: Clock
}

/** `Authentication.authenticate`. */
export function createAuthentication(options: AuthenticationOptions): Authentication['authenticate'] {
  const { store, tokens, clock } = options

  return async ({ apiKey, bearer, sessionCookie }) => {
    // Nobody has an API key; one that is sent is not valid, whatever else was sent with it.
    if (apiKey !== null || bearer?.startsWith(apiKeyPrefix) === true) {
      throw new Refusal('UNAUTHENTICATED', 'The API key is not valid.')
    }
    if (bearer !== null) return authenticateBearer(bearer)
    if (sessionCookie !== null) return authenticateCookie(sessionCookie)
    return anonymous
  }

  /** The session is looked up although the token is signed: who signed out is out at once. */
  async function authenticateBearer(token: string): Promise<KnownPrincipal> {
    const claims = await tokens.verify(token)
    if (claims === null) throw new Refusal('UNAUTHENTICATED', 'The access token is not valid or has expired.')
    const found = await find(store, claims.sid)
    if (found === null || found.user.id !== claims.sub || found.session.delivery !== 'TOKENS') {
      throw new Refusal('UNAUTHENTICATED', 'The access token is not valid or has expired.')
    }
    const principal = await use(found)
    if (principal === null) throw new Refusal('SESSION_REVOKED', 'The session of the access token has ended.')
    return principal
  }

  async function authenticateCookie(cookie: string): Promise<Principal> {
    const token = parseSessionToken(cookie)
    const found = token === null ? null : await find(store, token.sessionId)
    if (token === null || found === null) return refused('UNAUTHENTICATED')
    if (!isSecretOf(found.session, token.secret) || found.session.delivery !== 'COOKIE')
      return refused('UNAUTHENTICATED')
    return (await use(found)) ?? refused('SESSION_REVOKED')
  }

  /** Who a proven session stands for; `null` when it has ended or its user was disabled. */
  async function use({ session, user }: Found): Promise<KnownPrincipal | null> {
    const now = clock.now()
    if (user.disabledAt !== null || !isAlive(session, now, options)) return null
    if (isTouchDue(session, now, options)) {
      await store.write(({ accounts }) => accounts.touchSession(session.id, now))
    }
    return {
      kind: 'user',
      userId: user.id,
      scopes: scopesOf(user.roles),
      roles: user.roles,
      assurance: session.assurance,
      authenticatedAt: session.authenticatedAt,
      sessionId: session.id,
      keyId: null,
      expiresAt: session.expiresAt,
      mustEnrol: false,
    }
  }
}

async function find(store: Store, sessionId: string): Promise<Found | null> {
  return store.read(async ({ accounts }) => {
    const session = await accounts.findSession(sessionId)
    const user = session === null ? null : await accounts.findUser(session.userId)
    return session === null || user === null ? null : { session, user }
  })
}

function refused(why: 'UNAUTHENTICATED' | 'SESSION_REVOKED'): AnonymousPrincipal {
  return { kind: 'anonymous', refused: why }
}
