import type { Refused } from '../refused.ts'
import type { SignUpInput } from '../../services/accounts/accounts.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import { beginSession } from './begin-session.ts'
import type { ShownSignIn } from './shown-session.ts'

const expected = ['INVALID_INPUT', 'SIGN_UP_CLOSED', 'INVALID_SETUP_TOKEN', 'EMAIL_TAKEN', 'RATE_LIMITED'] as const

export function signUp(
  _root: unknown,
  { input }: { readonly input: SignUpInput },
  context: RequestContext,
): Promise<ShownSignIn | Refused> {
  const { services, client, principal } = context
  return outcome(expected, () =>
    beginSession(context, input.delivery, () => services.accounts.signUp(input, client, principal)),
  )
}
