import type { IdentityRecord } from '../../../ports/accounts/identities.ts'
import type { Records } from '../../../ports/store.ts'
import type { AccountParts } from '../parts.ts'
import { sessionOf } from '../session-of.ts'
import { livingSession } from '../sessions/living-session.ts'
import { type Asker, attachIdentity } from './attach-identity.ts'
import type { ProvenIdentity } from './hand-off.ts'

/**
 * Links a proven identity to a user who is signed in, in the caller's transaction; one that is linked already stays so.
 * Throws `IDENTITY_TAKEN`, and `SESSION_REVOKED` as `livingSession` does.
 */
export async function linkIdentity(
  parts: Pick<AccountParts, 'clock' | 'audit' | 'mail'>,
  records: Records,
  userId: string,
  proven: ProvenIdentity & Asker,
): Promise<IdentityRecord> {
  const { provider, identity } = proven
  const { user } = await livingSession(records, sessionOf(proven.present), parts.clock.now())
  const known = await records.identities.find(provider, identity.subject)
  if (known?.userId === userId) return known
  await attachIdentity(parts, records, user, proven)
  await parts.mail(records, user.email, { kind: 'IDENTITY_LINKED', provider })
  const linked = await records.identities.find(provider, identity.subject)
  if (linked === null) throw new TypeError('The identity that was entered is not there.')
  return linked
}
