import type { AuthMethod } from '../../../core/auth-method.ts'
import type { Clock } from '../../../core/clock.ts'
import { Refusal } from '../../../core/errors.ts'
import { newId } from '../../../core/ids.ts'
import type { Principal } from '../../../core/principal.ts'
import type { AccessTokens } from '../../../ports/access-tokens.ts'
import type { Delivery, SessionRecord, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { SignedIn } from '../entered.ts'
import { toSession, toUser } from '../outward.ts'
import { formatSecretToken, newTokenSecret } from '../secret-token.ts'
import { endSession } from './end-sessions.ts'
import { newRefreshToken } from './refresh-token.ts'
import { revoke } from './revocations.ts'
import { tellSessionEvent } from './session-events.ts'
import type { SessionLifetimes } from './session-life.ts'

export interface SessionStart {
  readonly user: UserRecord
  readonly delivery: Delivery
  readonly methods: readonly AuthMethod[]
  readonly assurance: 1 | 2
  readonly client: ClientInfo
  /** Who asked: their session ends. */
  readonly present: Principal
}

/** What a session has been shown since it was started. */
export interface SessionRenewal {
  readonly sessionId: string
  readonly methods: readonly AuthMethod[]
  readonly assurance: 1 | 2
  /** When they were shown; now, unless it says otherwise. */
  readonly authenticatedAt?: number
}

/** A session that the transaction has entered, or given new credentials; they are known nowhere else. */
export interface StartedSession {
  readonly user: UserRecord
  readonly session: SessionRecord
  readonly secret: string
  /** For token delivery. */
  readonly refreshToken: { readonly token: string; readonly expiresAt: number } | null
}

export interface SessionStarter {
  /** Enters a new session and ends the present one, in the caller's transaction. */
  start(records: Records, start: SessionStart): Promise<StartedSession>
  /**
   * Gives a living session new credentials, the factors that it was shown and a new generation, in the caller's
   * transaction: what proved it until now is dead, its streams live on. Throws `SESSION_REVOKED` when it has ended or was
   * renewed meanwhile.
   */
  renew(records: Records, renewal: SessionRenewal): Promise<StartedSession>
  /** What the caller gets to prove the session with. Call it after the commit. */
  handOver(started: StartedSession): Promise<SignedIn>
}

/** No browser sends more that would be worth reading. */
const maxUserAgentLength = 500
const maxIpLength = 64

/** Every way in which somebody becomes known ends here. */
export function createSessionStarter(
  options: SessionLifetimes & { readonly clock: Clock; readonly tokens: AccessTokens },
): SessionStarter {
  const { clock } = options

  return {
    async start(records, { user, present, ...start }) {
      const { secret, secretHash } = newTokenSecret()
      const session = newSession({ ...start, userId: user.id, secretHash }, clock.now(), options)
      if (present.kind === 'user' && present.sessionId !== null) {
        const { sessionId, userId } = present
        await endSession(records, { sessionId, userId }, session.createdAt)
      }
      await records.accounts.insertSession(session)
      const { id: sessionId, createdAt: at } = session
      await tellSessionEvent(records, user.id, { kind: 'STARTED', sessionId, at })
      return { user, session, secret, refreshToken: await newFamily(records, session, clock.now()) }
    },

    async renew(records, { sessionId, methods, assurance, authenticatedAt }) {
      const { accounts } = records
      const now = clock.now()
      const { secret, secretHash } = newTokenSecret()
      const before = await accounts.findSession(sessionId)
      const user = before === null ? null : await accounts.findUser(before.userId)
      const change = { secretHash, assurance, methods, authenticatedAt: authenticatedAt ?? now }
      if (before === null || user === null || !(await accounts.renewSession(sessionId, before.generation, change))) {
        throw new Refusal('SESSION_REVOKED', 'The session has ended: sign in again.')
      }
      const session = { ...before, ...change, generation: before.generation + 1 }
      await accounts.retireRefreshTokensOf(sessionId, now)
      await revoke(records, { kind: 'session', id: sessionId, ends: false }, now)
      await tellSessionEvent(records, user.id, { kind: 'RENEWED', sessionId, at: now })
      return { user, session, secret, refreshToken: await newFamily(records, session, clock.now()) }
    },

    async handOver({ user, session, secret, refreshToken }) {
      const known = { kind: 'SIGNED_IN', user: toUser(user), session: toSession(session) } as const
      if (refreshToken === null) {
        return { ...known, cookie: formatSecretToken({ id: session.id, secret }), tokens: null }
      }
      const { id: sessionId, generation } = session
      const { token, expiresAt } = await options.tokens.issue({ userId: user.id, sessionId, generation })
      const tokens = {
        accessToken: token,
        accessTokenExpiresAt: expiresAt,
        refreshToken: refreshToken.token,
        refreshTokenExpiresAt: refreshToken.expiresAt,
      }
      return { ...known, cookie: null, tokens }
    },
  }
}

/** The first refresh token of a new or renewed session, in its transaction. */
async function newFamily(
  { accounts }: Records,
  session: SessionRecord,
  now: number,
): Promise<StartedSession['refreshToken']> {
  if (session.delivery === 'COOKIE') return null
  const { token, record } = newRefreshToken(session, now)
  await accounts.insertRefreshToken(record)
  return { token, expiresAt: record.expiresAt }
}

function newSession(
  start: Pick<SessionStart, 'delivery' | 'methods' | 'assurance' | 'client'> & {
    readonly userId: string
    readonly secretHash: string
  },
  now: number,
  { sessionMaxMs }: SessionLifetimes,
): SessionRecord {
  const { client, ...facts } = start
  return {
    ...facts,
    id: newId('session'),
    generation: 1,
    authenticatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + sessionMaxMs,
    endedAt: null,
    ip: client.ip?.slice(0, maxIpLength) ?? null,
    userAgent: client.userAgent?.slice(0, maxUserAgentLength) ?? null,
  }
}
