import type { SignUpInput } from '../../services/accounts/entry/sign-up.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { enteringClient, showSession } from './begin-session.ts'
import type { ShownSignUp } from './shown-session.ts'

const expected = [
  'INVALID_INPUT',
  'SIGN_UP_CLOSED',
  'INVALID_SETUP_TOKEN',
  'INVALID_INVITE',
  'EMAIL_TAKEN',
  'RATE_LIMITED',
] as const

export function signUp(
  _root: unknown,
  { input }: { readonly input: SignUpInput },
  context: RequestContext,
): Promise<ShownSignUp | Refused> {
  return outcome(context, expected, async () => {
    const client = enteringClient(context, input.delivery)
    const answer = await context.services.accounts.signUp(input, client, context.principal)
    return answer.kind === 'SIGNED_IN' ? showSession(context, answer) : answer
  })
}
