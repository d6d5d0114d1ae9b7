import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import { tokenPurposes } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records } from '../../../ports/store.ts'
import type { AccountParts } from '../parts.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { revoke } from '../sessions/revocations.ts'
import type { Asker } from './attach-identity.ts'
import type { ProvenIdentity } from './hand-off.ts'

/**
 * Gives an account whose address nobody ever confirmed to whoever has now proven to own that address, in the caller's
 * transaction. Whoever made it may have been lying in wait: everything that could let them in again goes (ASVS 6.8.1).
 */
export async function takeOver(
  { clock, audit }: Pick<AccountParts, 'clock' | 'audit'>,
  records: Records,
  user: UserRecord,
  { provider, client, present }: ProvenIdentity & Asker,
): Promise<UserRecord> {
  const now = clock.now()
  const { id } = user
  // The `revocations` of keys come before the topic of the sessions.
  const keys = await records.apiKeys.revokeAll(id, now)
  for (const key of keys) await revoke(records, { kind: 'apiKey', id: key, ends: true })
  await endSessions(records, id, now, null)
  await records.accounts.setPasswordHash(id, null)
  await records.factors.removeTotp(id)
  await records.factors.removeRecoveryCodes(id)
  await records.passkeys.removeAll(id)
  for (const identity of await records.identities.of(id)) await records.identities.remove(id, identity.id)
  for (const purpose of tokenPurposes) await records.oneTimeTokens.voidAll(id, purpose, now)
  await records.devices.removeAll(id)
  await records.accounts.setEmailVerified(id, now)
  await audit(records, { event: 'ACCOUNT_TAKEN_OVER', by: present, client, subjectId: id, details: { provider } })
  return { ...user, passwordHash: null, emailVerifiedAt: now }
}
