import { Refusal } from '../../../core/errors.ts'
import type { AccessClaims } from '../../../ports/access-tokens.ts'
import type { SessionRecord, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records, Store } from '../../../ports/store.ts'
import type { AccountParts } from '../parts.ts'
import { isSecretOf, parseSecretToken } from '../secret-token.ts'
import { isAlive, touchDueAt } from '../sessions/session-life.ts'
import { grantedScopes } from './granted-scopes.ts'
import type { ProvenCredential } from './proven-credential.ts'

interface Found {
  readonly session: SessionRecord
  readonly user: UserRecord
}

/** Looks sessions up by what proves them. */
export interface SessionProofs {
  /** The session is looked up although the token is signed: who signed out is out at once. Throws for a token that is not valid. */
  byAccessToken(token: string): Promise<ProvenCredential>
  /** Gives why not for a cookie that is not valid: `SESSION_REVOKED` only to who holds the secret of an ended session. */
  byCookie(cookie: string): Promise<ProvenCredential | 'UNAUTHENTICATED' | 'SESSION_REVOKED'>
}

export function createSessionProofs({
  store,
  tokens,
  clock,
  policy,
}: Pick<AccountParts, 'store' | 'tokens' | 'clock' | 'policy'>): SessionProofs {
  return {
    async byAccessToken(token) {
      const claims = await tokens.verify(token)
      const found = claims === null ? null : await find(store, claims.sid)
      if (claims === null || found === null || !isTokenOf(found, claims)) throw invalidToken()
      if (!isStanding(found, clock.now(), policy)) {
        throw new Refusal('SESSION_REVOKED', 'The session of the access token has ended.')
      }
      // The session's credentials were made anew since: the token died then, the session lives on.
      if (claims.gen !== found.session.generation) throw invalidToken()
      return use(found, claims.exp * 1000)
    },

    async byCookie(cookie) {
      const token = parseSecretToken('session', cookie)
      const found = token === null ? null : await find(store, token.id)
      if (token === null || found === null) return 'UNAUTHENTICATED'
      if (!isSecretOf(found.session, token.secret) || found.session.delivery !== 'COOKIE') return 'UNAUTHENTICATED'
      return isStanding(found, clock.now(), policy) ? use(found, found.session.expiresAt) : 'SESSION_REVOKED'
    },
  }

  /** What a proven session stands for; `expiresAt` is the end of what proved it. Notes the use now and then. */
  async function use({ session, user }: Found, expiresAt: number): Promise<ProvenCredential> {
    const now = clock.now()
    const isDue = now >= touchDueAt(session, policy)
    if (isDue) await store.write(({ accounts }) => accounts.touchSession(session.id, now))
    const lastUsedAt = isDue ? now : session.lastUsedAt
    const principal = {
      kind: 'user',
      userId: user.id,
      ...grantedScopes(user, session, policy),
      roles: user.roles,
      assurance: session.assurance,
      authenticatedAt: session.authenticatedAt,
      sessionId: session.id,
      generation: session.generation,
      keyId: null,
      expiresAt,
    } as const
    // Looked up again when the next use is to be noted: until then it cannot die of idleness.
    return { principal, goodUntil: Math.min(expiresAt, touchDueAt({ lastUsedAt }, policy)), admit: null }
  }
}

/** Whether a session can be used: it has not ended in any way, and its user is not disabled. */
export function isStanding({ session, user }: Found, now: number, policy: AccountParts['policy']): boolean {
  return user.disabledAt === null && isAlive(session, now, policy)
}

/** A session with its user. */
export async function findSession({ accounts }: Records, sessionId: string): Promise<Found | null> {
  const session = await accounts.findSession(sessionId)
  const user = session === null ? null : await accounts.findUser(session.userId)
  return session === null || user === null ? null : { session, user }
}

function find(store: Store, sessionId: string): Promise<Found | null> {
  return store.read((records) => findSession(records, sessionId))
}

function isTokenOf({ session, user }: Found, { sub }: AccessClaims): boolean {
  return user.id === sub && session.delivery === 'TOKENS'
}

function invalidToken(): Refusal {
  return new Refusal('UNAUTHENTICATED', 'The access token is not valid or has expired.')
}
