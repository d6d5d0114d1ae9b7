import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { ApiKeyRecord } from '../../../ports/accounts/api-keys.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'
import type { SessionPrincipal } from '../session-of.ts'
import type { ApiKeySettings } from './api-key-settings.ts'
import type { NewApiKey } from './api-key-text.ts'

/** An API key as its owner may see it. */
export type ApiKey = Omit<ApiKeyRecord, 'secretHash' | 'revokedAt'>

/** A key with its text, which is known nowhere else and cannot be asked for again. */
export interface IssuedApiKey {
  readonly text: string
  readonly apiKey: ApiKey
}

export interface ApiKeyIssue {
  readonly issued: NewApiKey
  readonly settings: ApiKeySettings
  readonly user: UserRecord
  readonly owner: SessionPrincipal
  readonly client: ClientInfo
  /** The id of the key whose successor it is. */
  readonly replaces: string | null
}

/** Enters a key, tells the owner and the log, in the caller's transaction. */
export async function issueApiKey(
  { clock, audit, mail }: Pick<AccountParts, 'clock' | 'audit' | 'mail'>,
  records: Records,
  issue: ApiKeyIssue,
): Promise<IssuedApiKey> {
  const { issued, settings, user, owner, client, replaces } = issue
  const { id, secretHash, lastFour } = issued
  const state = { createdAt: clock.now(), lastUsedAt: null, revokedAt: null, successorId: null }
  const key: ApiKeyRecord = { id, userId: user.id, secretHash, lastFour, ...settings, ...state }
  await records.apiKeys.insert(key)
  await audit(records, {
    event: replaces === null ? 'API_KEY_CREATED' : 'API_KEY_ROTATED',
    by: owner,
    client,
    subjectId: user.id,
    details: { apiKeyId: id, scopes: settings.scopes.join(' '), ...(replaces === null ? {} : { replaces }) },
  })
  await mail(records, user.email, { kind: 'API_KEY_CREATED', name: key.name })
  return { text: issued.text, apiKey: toApiKey(key) }
}

/** The key without the hash of its secret. */
export function toApiKey(record: ApiKeyRecord): ApiKey {
  return {
    id: record.id,
    userId: record.userId,
    name: record.name,
    lastFour: record.lastFour,
    scopes: record.scopes,
    allowedIps: record.allowedIps,
    requestsPerMinute: record.requestsPerMinute,
    createdAt: record.createdAt,
    expiresAt: record.expiresAt,
    lastUsedAt: record.lastUsedAt,
    successorId: record.successorId,
  }
}
