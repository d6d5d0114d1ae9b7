import { anonymous } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import type { MailRequest } from '../mail/queue-mail.ts'
import type { AccountParts } from '../parts.ts'
import { issueEmailVerification } from './issue-email-verification.ts'
import { enterMailToken } from './mail-tokens.ts'

/** Enters the mail that was asked for, in the caller's transaction, where there is an account that it is for. */
export async function answerMailRequest(
  parts: Pick<AccountParts, 'clock' | 'mail' | 'audit'>,
  records: Records,
  { kind, emailKey, client }: MailRequest,
): Promise<void> {
  const user = await records.accounts.findUserByEmailKey(emailKey)
  if (user?.disabledAt !== null) return
  if (kind === 'EMAIL_VERIFICATION') {
    if (user.emailVerifiedAt === null) await issueEmailVerification(parts, records, user)
    return
  }
  const { id: userId, email } = user
  const token = await enterMailToken(records, { purpose: 'PASSWORD_RESET', userId, email, now: parts.clock.now() })
  await parts.mail(records, email, { kind: 'PASSWORD_RESET', token })
  await parts.audit(records, { event: 'PASSWORD_RESET_REQUESTED', by: anonymous, client, subjectId: userId })
}
