import { Refusal } from '../../../core/errors.ts'
import type { SessionRecord, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { SessionPrincipal } from '../session-of.ts'
import { isOpen } from './session-life.ts'

/** The session that somebody came by, and whose it is, as they stand in the transaction. */
export interface LivingSession {
  readonly session: SessionRecord
  readonly user: UserRecord
}

/**
 * What a principal stands for now. Who was let in is remembered, and a revocation reaches another process a moment later: no
 * account is changed on the word of a principal. Throws `SESSION_REVOKED` when the session has ended or expired, when what
 * proved it is dead since a renewal, or when its user is disabled or gone.
 */
export async function livingSession(
  { accounts }: Records,
  { sessionId, userId, generation }: SessionPrincipal,
  now: number,
): Promise<LivingSession> {
  const session = await accounts.findSession(sessionId)
  // Whether it died of idleness was asked when it was proven, at the start of the request.
  const stands = session !== null && isOpen(session, now) && session.generation === generation
  const user = stands && session.userId === userId ? await accounts.findUser(userId) : null
  if (session !== null && user?.disabledAt === null) return { session, user }
  throw new Refusal('SESSION_REVOKED', 'The session has ended: sign in again.')
}
