import { newSecret, secretsEqual, sha256 } from '../../../core/secrets.ts'
import type { SessionRecord } from '../../../ports/accounts/account-records.ts'

/** A session's public id and what proves that it is yours. */
export interface SessionToken {
  readonly sessionId: string
  readonly secret: string
}

const shape = /^(ses_[0-9a-z]{26})\.([A-Za-z0-9_-]{43})$/

/** A new secret of 256 random bits, with the only form of it that is stored. */
export function newSessionSecret(): { readonly secret: string; readonly hash: string } {
  const secret = newSecret(32)
  return { secret, hash: sha256(secret) }
}

export function formatSessionToken({ sessionId, secret }: SessionToken): string {
  return `${sessionId}.${secret}`
}

/** Takes a session cookie's value apart; `null` when it has not the form of one. */
export function parseSessionToken(text: string): SessionToken | null {
  const [, sessionId, secret] = shape.exec(text) ?? []
  return sessionId === undefined || secret === undefined ? null : { sessionId, secret }
}

/** Whether the secret is the session's. */
export function isSecretOf(session: SessionRecord, secret: string): boolean {
  return secretsEqual(sha256(secret), session.secretHash)
}
