import type { Refused } from '../refused.ts'
import type { SignUpInput } from '../../services/accounts/entry/sign-up.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import { beginSession } from './begin-session.ts'
import type { ShownEntry } from './shown-session.ts'

const expected = ['INVALID_INPUT', 'SIGN_UP_CLOSED', 'INVALID_SETUP_TOKEN', 'EMAIL_TAKEN', 'RATE_LIMITED'] as const

export async function signUp(
  _root: unknown,
  { input }: { readonly input: SignUpInput },
  context: RequestContext,
): Promise<ShownEntry | Refused> {
  return outcome(expected, () =>
    beginSession(context, input.delivery, (client) => context.services.accounts.signUp(input, client, context.principal)),
  )
}
