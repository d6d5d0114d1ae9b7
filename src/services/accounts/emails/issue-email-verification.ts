import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { AccountParts } from '../parts.ts'
import { enterMailToken } from './mail-tokens.ts'

/** Mails a link that confirms the user's address, in the caller's transaction; older links do not work any more. */
export async function issueEmailVerification(
  { clock, mail }: Pick<AccountParts, 'clock' | 'mail'>,
  records: Records,
  { id: userId, email }: UserRecord,
): Promise<void> {
  const token = await enterMailToken(records, { purpose: 'EMAIL_VERIFICATION', userId, email, now: clock.now() })
  await mail(records, email, { kind: 'EMAIL_VERIFICATION', token })
}
