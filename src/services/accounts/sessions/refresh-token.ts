import { newId } from '../../../core/ids.ts'
import { newSecret, sha256 } from '../../../core/secrets.ts'
import type { RefreshTokenRecord, SessionRecord } from '../../../ports/accounts/account-records.ts'

/** A new refresh token of a session, good for as long as the session is: the text that is given out, and what is stored. */
export function newRefreshToken(
  session: Pick<SessionRecord, 'id' | 'expiresAt'>,
  now: number,
): { readonly token: string; readonly record: RefreshTokenRecord } {
  const secret = newSecret(32)
  const record: RefreshTokenRecord = {
    id: newId('refreshToken'),
    sessionId: session.id,
    secretHash: sha256(secret),
    createdAt: now,
    expiresAt: session.expiresAt,
    retiredAt: null,
    successorSealed: null,
    successorId: null,
  }
  return { token: `${record.id}.${secret}`, record }
}
