import type { EmailAnswer } from '../../services/accounts/emails/ask-for-mail.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function resendEmailVerification(
  _root: unknown,
  { email }: { readonly email: string },
  context: RequestContext,
): Promise<EmailAnswer | Refused> {
  const { services, client } = context
  return outcome(context, ['INVALID_INPUT', 'RATE_LIMITED'], () =>
    services.accounts.resendEmailVerification(email, client),
  )
}
