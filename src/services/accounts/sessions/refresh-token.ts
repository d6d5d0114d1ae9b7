import { newId } from '../../../core/ids.ts'
import { createSealer } from '../../../core/sealer.ts'
import type { RefreshTokenRecord, SessionRecord } from '../../../ports/accounts/account-records.ts'
import { formatSecretToken, newTokenSecret, type SecretToken } from '../secret-token.ts'

/** A refresh token as it is given out, and what is stored of it. */
export interface NewRefreshToken {
  readonly token: string
  readonly record: RefreshTokenRecord
}

/** A new refresh token of a session, good for as long as the session is. */
export function newRefreshToken(session: Pick<SessionRecord, 'id' | 'expiresAt'>, now: number): NewRefreshToken {
  const { secret, secretHash } = newTokenSecret()
  const record: RefreshTokenRecord = {
    id: newId('refreshToken'),
    sessionId: session.id,
    secretHash,
    createdAt: now,
    expiresAt: session.expiresAt,
    retiredAt: null,
    successorSealed: null,
    successorId: null,
  }
  return { token: formatSecretToken({ id: record.id, secret }), record }
}

/**
 * A successor as it is kept for who asks twice: sealed with its predecessor, of which only the hash is stored. Neither the
 * database nor the root secret opens it, and a rotation of the root secret has nothing to do with it.
 */
export function sealSuccessor(successor: string, predecessor: SecretToken): string {
  return createSealer([predecessor.secret]).seal(successor, successorContext(predecessor.id))
}

export function openSuccessor(sealed: string, predecessor: SecretToken): string {
  return createSealer([predecessor.secret]).open(sealed, successorContext(predecessor.id))
}

function successorContext(id: string): string {
  return `refresh_tokens.successor_sealed ${id}`
}
