import { Refusal } from '../../../core/errors.ts'
import { anonymous } from '../../../core/principal.ts'
import type { RefreshTokenRecord, SessionRecord, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records, Store } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { TokenPair } from '../entered.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { isSecretOf, parseSecretToken, type SecretToken } from '../secret-token.ts'
import { endSession } from './end-sessions.ts'
import { newRefreshToken, openSuccessor, sealSuccessor } from './refresh-token.ts'
import { judgeRefreshToken } from './refresh-verdict.ts'
import { isAlive, touchDueAt } from './session-life.ts'
import { userAgentClass } from './user-agent-class.ts'

/** Staying signed in with delivery TOKENS. */
export interface RefreshTokens {
  /**
   * Gives the next pair of tokens for a refresh token, which is used up by it. Within the grace window who asks again with
   * the same token gets the same successor; a used one that is shown later, or whose successor was used, ends the session.
   * The token works for the kind of client that its session was started by (`userAgentClass`).
   * Throws `INVALID_REFRESH_TOKEN`, the same for every reason, and `RateLimitedError`.
   */
  refreshTokens(refreshToken: string, client: ClientInfo): Promise<TokenPair>
}

type RefreshParts = Pick<AccountParts, 'store' | 'clock' | 'policy' | 'tokens' | 'limiters' | 'audit' | 'mail'>

/** A token as somebody shows it. */
interface Shown {
  readonly token: SecretToken
  readonly client: ClientInfo
}

/** A token with what it belongs to. */
interface Family {
  readonly token: RefreshTokenRecord
  readonly session: SessionRecord
  readonly user: UserRecord
}

interface Refreshed {
  readonly session: SessionRecord
  readonly refreshToken: string
}

export function createRefreshTokens(parts: RefreshParts): RefreshTokens {
  const { store, tokens, limiters } = parts

  return {
    async refreshTokens(refreshToken, client) {
      await limiters.refreshByNetwork.consume(networkOf(client.ip))
      const token = parseSecretToken('refreshToken', refreshToken)
      const refreshed = token === null ? null : await refreshOnce(parts, store, { token, client })
      if (refreshed === null) {
        throw new Refusal('INVALID_REFRESH_TOKEN', 'The refresh token is wrong, used up or expired: sign in again.')
      }
      const { id: sessionId, userId, generation, expiresAt } = refreshed.session
      const access = await tokens.issue({ userId, sessionId, generation })
      return {
        accessToken: access.token,
        accessTokenExpiresAt: access.expiresAt,
        refreshToken: refreshed.refreshToken,
        refreshTokenExpiresAt: expiresAt,
      }
    },
  }
}

/** A look first: what is no token of ours does not hold up those who write. */
async function refreshOnce(parts: RefreshParts, store: Store, shown: Shown): Promise<Refreshed | null> {
  const family = await store.read((records) => findFamily(parts, records, shown))
  return family === null ? null : store.write((records) => refresh(parts, records, shown))
}

/** Decides about the token and does it, in one transaction; `null` when the token gives nothing. */
async function refresh(parts: RefreshParts, records: Records, shown: Shown): Promise<Refreshed | null> {
  const { clock, policy } = parts
  const { accounts } = records
  const family = await findFamily(parts, records, shown)
  if (family === null) return null
  const { token, session } = family
  const now = clock.now()
  const successor = token.successorId === null ? null : await accounts.findRefreshToken(token.successorId)
  const verdict = judgeRefreshToken(token, successor, { now, graceMs: policy.refreshGraceMs })
  if (verdict === 'REUSED') await endFamily(parts, records, { ...family, client: shown.client })
  if (verdict === 'REUSED' || verdict === 'VOID') return null
  if (now >= touchDueAt(session, policy)) await accounts.touchSession(session.id, now)
  if (verdict === 'REPEATED') return { session, refreshToken: openSuccessor(token.successorSealed ?? '', shown.token) }

  const next = newRefreshToken(session, now)
  const successorSealed = sealSuccessor(next.token, shown.token)
  const change = { retiredAt: now, successorId: next.record.id, successorSealed }
  // Somebody else was quicker: there is a successor now, which is the one for both.
  if (!(await accounts.retireRefreshToken(token.id, change))) return refresh(parts, records, shown)
  await accounts.insertRefreshToken(next.record)
  return { session, refreshToken: next.token }
}

/** What a token belongs to that can be refreshed with now, whatever became of the token; `null` for what is not valid. */
async function findFamily(
  { clock, policy }: RefreshParts,
  { accounts }: Records,
  { token: { id, secret }, client }: Shown,
): Promise<Family | null> {
  const token = await accounts.findRefreshToken(id)
  if (token === null || !isSecretOf(token, secret)) return null
  const session = await accounts.findSession(token.sessionId)
  const user = session === null ? null : await accounts.findUser(session.userId)
  if (session === null || user?.disabledAt !== null) return null
  const now = clock.now()
  if (now >= token.expiresAt || !isAlive(session, now, policy)) return null
  if (userAgentClass(client.userAgent) !== userAgentClass(session.userAgent)) return null
  return { token, session, user }
}

async function endFamily(
  { clock, audit, mail }: RefreshParts,
  records: Records,
  { session, user, client }: Pick<Family, 'session' | 'user'> & { readonly client: ClientInfo },
): Promise<void> {
  await endSession(records, { sessionId: session.id, userId: user.id }, clock.now())
  await audit(records, {
    event: 'REFRESH_TOKEN_REUSED',
    outcome: 'FAILURE',
    by: anonymous,
    client,
    subjectId: user.id,
    sessionId: session.id,
  })
  await mail(records, user.email, { kind: 'REFRESH_TOKEN_REUSED' })
}
