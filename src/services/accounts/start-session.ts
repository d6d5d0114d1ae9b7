import type { Clock } from '../../core/clock.ts'
import { newId } from '../../core/ids.ts'
import type { Principal } from '../../core/principal.ts'
import type { AccessTokens } from '../../ports/access-tokens.ts'
import type { Delivery, SessionRecord, UserRecord } from '../../ports/account-records.ts'
import type { Records } from '../../ports/store.ts'
import type { ClientInfo, SignedIn } from './accounts.ts'
import { toSession, toUser } from './outward.ts'
import type { SessionLifetimes } from './session-life.ts'
import { formatSessionToken, newSessionSecret } from './session-token.ts'

export interface SessionStart {
  readonly user: UserRecord
  readonly delivery: Delivery
  readonly client: ClientInfo
  /** Who asked: their session ends. */
  readonly present: Principal
}

/** A session that the transaction has entered; its secret is known nowhere else. */
export interface StartedSession {
  readonly user: UserRecord
  readonly session: SessionRecord
  readonly secret: string
}

export interface SessionStarter {
  /** Enters a new session and ends the present one, in the caller's transaction. */
  start(records: Records, start: SessionStart): Promise<StartedSession>
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
  return {
    async start({ accounts }, { user, delivery, client, present }) {
      const now = options.clock.now()
      const { secret, hash } = newSessionSecret()
      const session: SessionRecord = {
        id: newId('session'),
        userId: user.id,
        secretHash: hash,
        delivery,
        assurance: 1,
        authenticatedAt: now,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: now + options.sessionMaxMs,
        endedAt: null,
        ip: client.ip?.slice(0, maxIpLength) ?? null,
        userAgent: client.userAgent?.slice(0, maxUserAgentLength) ?? null,
      }
      const presentId = present.kind === 'anonymous' ? null : present.sessionId
      if (presentId !== null) await accounts.endSession(presentId, now)
      await accounts.insertSession(session)
      return { user, session, secret }
    },

    async handOver({ user, session, secret }) {
      const known = { user: toUser(user), session: toSession(session) }
      if (session.delivery === 'COOKIE') {
        return { ...known, cookie: formatSessionToken({ sessionId: session.id, secret }), tokens: null }
      }
      const { token, expiresAt } = await options.tokens.issue({ userId: user.id, sessionId: session.id })
      return { ...known, cookie: null, tokens: { accessToken: token, accessTokenExpiresAt: expiresAt } }
    },
  }
}
