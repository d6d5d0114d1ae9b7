import type { EmailAnswer } from '../../services/accounts/emails/ask-for-mail.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function confirmEmailChange(
  _root: unknown,
  { token }: { readonly token: string },
  context: RequestContext,
): Promise<EmailAnswer | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['INVALID_TOKEN', 'RATE_LIMITED'], () =>
    services.accounts.confirmEmailChange(token, client, principal),
  )
}
