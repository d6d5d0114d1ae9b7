import { Refusal } from '../../../core/errors.ts'
import { newId } from '../../../core/ids.ts'
import type { Principal } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'
import type { ProvenIdentity } from './hand-off.ts'

/** Who asked, and from where. */
export interface Asker {
  readonly client: ClientInfo
  readonly present: Principal
}

/** Links a proven identity to a user, in the caller's transaction, and writes it down. Throws `IDENTITY_TAKEN`. */
export async function attachIdentity(
  { clock, audit }: Pick<AccountParts, 'clock' | 'audit'>,
  records: Records,
  user: Pick<UserRecord, 'id'>,
  { provider, identity, client, present }: ProvenIdentity & Asker,
): Promise<void> {
  const now = clock.now()
  const isNew = await records.identities.insert({
    id: newId('identity'),
    userId: user.id,
    provider,
    subject: identity.subject,
    email: identity.email,
    createdAt: now,
    lastUsedAt: now,
  })
  if (!isNew) throw new Refusal('IDENTITY_TAKEN', 'That account of the provider is linked to another user.')
  await audit(records, { event: 'IDENTITY_LINKED', by: present, client, subjectId: user.id, details: { provider } })
}
