import type { Refused } from '../refused.ts'
import type { SignInInput } from '../../services/accounts/entry/sign-in.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import { beginSession } from './begin-session.ts'
import type { ShownEntry } from './shown-session.ts'

export function signIn(
  _root: unknown,
  { input }: { readonly input: SignInInput },
  context: RequestContext,
): Promise<ShownEntry | Refused> {
  return outcome(context, ['INVALID_CREDENTIALS', 'EMAIL_NOT_VERIFIED', 'RATE_LIMITED'], () =>
    beginSession(context, input.delivery, (client) =>
      context.services.accounts.signIn(input, client, context.principal),
    ),
  )
}
