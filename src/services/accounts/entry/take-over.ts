import type { Principal } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import { tokenPurposes } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { revoke } from '../sessions/revocations.ts'

/** Somebody who has just proven to own the address of an account. */
export interface AddressOwner {
  readonly by: Principal
  readonly client: ClientInfo
  /** How: the provider that vouches for them; `null`: by a link in a mail. */
  readonly provider: string | null
}

/**
 * Gives an account whose address nobody ever confirmed to whoever has now proven to own that address, in the caller's
 * transaction; gives the user as they are then, without a password. Whoever made it may have been lying in wait: everything
 * that could let them in again goes, second factors as well, which are as likely theirs (ASVS 6.8.1; pre-hijacking,
 * Sudhodanan and Paverd 2022).
 */
export async function takeOver(
  { clock, audit }: Pick<AccountParts, 'clock' | 'audit'>,
  records: Records,
  user: UserRecord,
  { by, client, provider }: AddressOwner,
): Promise<UserRecord> {
  const now = clock.now()
  const { id } = user
  // The `revocations` of keys come before the topic of the sessions.
  const keys = await records.apiKeys.revokeAll(id, now)
  for (const key of keys) await revoke(records, { kind: 'apiKey', id: key, ends: true }, now)
  await endSessions(records, id, now, null)
  await records.accounts.setPasswordHash(id, null)
  await records.factors.removeTotp(id)
  await records.factors.removeRecoveryCodes(id)
  await records.passkeys.removeAll(id)
  for (const identity of await records.identities.of(id)) await records.identities.remove(id, identity.id)
  for (const purpose of tokenPurposes) await records.oneTimeTokens.voidAll(id, purpose, now)
  await records.devices.removeAll(id)
  await records.accounts.setEmailVerified(id, now)
  const details = provider === null ? {} : { provider }
  await audit(records, { event: 'ACCOUNT_TAKEN_OVER', by, client, subjectId: id, details })
  return { ...user, passwordHash: null, emailVerifiedAt: now }
}
