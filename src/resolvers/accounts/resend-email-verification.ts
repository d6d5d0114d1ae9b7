import type { EmailAnswer } from '../../services/accounts/emails/ask-for-mail.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function resendEmailVerification(
  _root: unknown,
  { email }: { readonly email: string },
  { services, client }: RequestContext,
): Promise<EmailAnswer | Refused> {
  return outcome(['INVALID_INPUT', 'RATE_LIMITED'], () => services.accounts.resendEmailVerification(email, client))
}
