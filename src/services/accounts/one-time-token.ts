import { type IdKind, newId } from '../../core/ids.ts'
import { secretsEqual } from '../../core/secrets.ts'
import type { OneTimeTokenRecord, TokenPurpose } from '../../ports/accounts/one-time-tokens.ts'
import type { Records, Store } from '../../ports/store.ts'
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

/** What a token must be good for. */
export interface TokenUse {
  readonly purpose: TokenPurpose
  /** SHA-256 of the device cookie that came along; `null`: none did. */
  readonly device: string | null
  readonly now: number
}

/** The token of that text, if it is for that purpose, in that browser, and can still be used; `null` otherwise. */
export async function findUsableToken(
  { oneTimeTokens }: Pick<Records, 'oneTimeTokens'>,
  text: string,
  use: TokenUse,
): Promise<OneTimeTokenRecord | null> {
  const parsed = parseSecretToken(kind, text)
  const record = parsed === null ? null : await oneTimeTokens.find(parsed.id)
  return parsed !== null && record !== null && isUsable(record, parsed.secret, use) ? record : null
}

/** Uses a token up in a transaction of its own, so that a refusal later on does not make it whole again. */
export async function takeToken(store: Store, text: string, use: TokenUse): Promise<OneTimeTokenRecord | null> {
  // A wrong token does not hold up those who write.
  const found = await store.read((records) => findUsableToken(records, text, use))
  return found === null ? null : store.write(({ oneTimeTokens }) => oneTimeTokens.take(found.id, use.now))
}

function isUsable(record: OneTimeTokenRecord, secret: string, { purpose, device, now }: TokenUse): boolean {
  if (record.purpose !== purpose || record.usedAt !== null || now >= record.expiresAt) return false
  if (record.boundTo !== null && (device === null || !secretsEqual(record.boundTo, device))) return false
  return isSecretOf(record, secret)
}
