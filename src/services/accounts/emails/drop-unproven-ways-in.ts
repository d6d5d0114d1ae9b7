import type { Principal } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'
import { revoke } from '../sessions/revocations.ts'

export interface Takeover {
  /** As it was: nobody had shown that the address is theirs. */
  readonly user: UserRecord
  readonly by: Principal
  readonly client: ClientInfo
}

/**
 * Takes the linked providers and the API keys from an account whose address was never confirmed, in the transaction in which
 * the owner of the address gets its password: somebody else may have made the account in waiting for them (pre-hijacking,
 * Sudhodanan and Paverd 2022). Second factors stay, as a reset must not get around them.
 */
export async function dropUnprovenWaysIn(
  { clock, audit }: Pick<AccountParts, 'clock' | 'audit'>,
  records: Records,
  { user, by, client }: Takeover,
): Promise<void> {
  const { apiKeys, identities } = records
  const linked = await identities.of(user.id)
  for (const { id } of linked) await identities.remove(user.id, id)
  const keys = await apiKeys.revokeAll(user.id, clock.now())
  for (const id of keys) await revoke(records, { kind: 'apiKey', id, ends: true })
  if (linked.length + keys.length === 0) return
  const details = { identities: linked.length, apiKeys: keys.length }
  await audit(records, { event: 'ACCOUNT_TAKEN_OVER', by, client, subjectId: user.id, details })
}
