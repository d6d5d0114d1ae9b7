import type { PasskeyAnswer } from '../../services/accounts/passkeys/passkey-sign-in.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { showEntry } from './begin-session.ts'
import type { ShownEntry } from './shown-session.ts'

const expected = ['INVALID_CREDENTIALS', 'EMAIL_NOT_VERIFIED', 'RATE_LIMITED'] as const

export function finishPasskeySignIn(
  _root: unknown,
  answer: PasskeyAnswer,
  context: RequestContext,
): Promise<ShownEntry | Refused> {
  const { services, principal, sessionCookie } = context
  // Where no cookie can be set, no challenge of a browser can be answered.
  const client = sessionCookie === null ? { ...context.client, device: null } : context.client
  return outcome(context, expected, async () =>
    showEntry(context, await services.accounts.finishPasskeySignIn(answer, client, principal)),
  )
}
