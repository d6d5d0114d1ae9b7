import { type IdKind, newId } from '../../core/ids.ts'
import { secretsEqual } from '../../core/secrets.ts'
import type { OneTimeTokenRecord, TokenPurpose } from '../../ports/accounts/one-time-tokens.ts'
import { formatSecretToken, isSecretOf, newTokenSecret, parseSecretToken } from './secret-token.ts'

export interface OneTimeTokenFacts {
  readonly purpose: TokenPurpose
  readonly userId: string | null
  /** SHA-256 of the device cookie that must come along. */
  readonly boundTo?: string | null
  readonly data?: Readonly<Record<string, unknown>>
  readonly now: number
  readonly lifetimeMs: number
}

const kind: IdKind = 'oneTimeToken'

/** A new one-time token: the text that is given out, and what is stored of it. */
export function newOneTimeToken(facts: OneTimeTokenFacts): {
  readonly token: string
  readonly record: OneTimeTokenRecord
} {
  const { secret, secretHash } = newTokenSecret()
  const record: OneTimeTokenRecord = {
    id: newId(kind),
    purpose: facts.purpose,
    secretHash,
    userId: facts.userId,
    boundTo: facts.boundTo ?? null,
    data: JSON.stringify(facts.data ?? {}),
    createdAt: facts.now,
    expiresAt: facts.now + facts.lifetimeMs,
    usedAt: null,
    attempts: 0,
  }
  return { token: formatSecretToken({ id: record.id, secret }), record }
}

/** The id in a token's text; `null` for what is none. */
export function oneTimeTokenId(token: string): string | null {
  return parseSecretToken(kind, token)?.id ?? null
}

/** Whether the text is that token's, for that purpose, in that browser, and can still be used. */
export function isUsable(
  record: OneTimeTokenRecord | null,
  token: string,
  expected: { readonly purpose: TokenPurpose; readonly device: string | null; readonly now: number },
): record is OneTimeTokenRecord {
  if (record === null || record.purpose !== expected.purpose) return false
  if (record.usedAt !== null || expected.now >= record.expiresAt) return false
  if (record.boundTo !== null && (expected.device === null || !secretsEqual(record.boundTo, expected.device)))
    return false
  return isSecretOf(record, parseSecretToken(kind, token)?.secret ?? '')
}
