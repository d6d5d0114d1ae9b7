import type { Refused } from '../refused.ts'
import type { SignInInput } from '../../services/accounts/accounts.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import { beginSession } from './begin-session.ts'
import type { ShownSignIn } from './shown-session.ts'

export function signIn(
  _root: unknown,
  { input }: { readonly input: SignInInput },
  context: RequestContext,
): Promise<ShownSignIn | Refused> {
  const { services, client, principal } = context
  return outcome(['INVALID_CREDENTIALS', 'RATE_LIMITED'], () =>
    beginSession(context, input.delivery, () => services.accounts.signIn(input, client, principal)),
  )
}
