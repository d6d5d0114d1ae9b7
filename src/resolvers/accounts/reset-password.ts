import type { EmailAnswer } from '../../services/accounts/emails/ask-for-mail.ts'
import type { PasswordResetInput } from '../../services/accounts/emails/password-reset.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function resetPassword(
  _root: unknown,
  { input }: { readonly input: PasswordResetInput },
  context: RequestContext,
): Promise<EmailAnswer | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['INVALID_TOKEN', 'INVALID_INPUT', 'RATE_LIMITED'], () =>
    services.accounts.resetPassword(input, client, principal),
  )
}
