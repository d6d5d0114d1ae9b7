import type { EmailAnswer } from '../../services/accounts/emails/ask-for-mail.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function requestEmailChange(
  _root: unknown,
  { newEmail }: { readonly newEmail: string },
  context: RequestContext,
): Promise<EmailAnswer | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['INVALID_INPUT', 'RATE_LIMITED'], () =>
    services.accounts.requestEmailChange(newEmail, client, principal),
  )
}
