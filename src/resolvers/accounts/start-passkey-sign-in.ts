import type { Delivery } from '../../ports/accounts/account-records.ts'
import type { PasskeyChallenge } from '../../services/accounts/passkeys/passkey-challenge.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { enteringClient } from './begin-session.ts'

export function startPasskeySignIn(
  _root: unknown,
  { delivery }: { readonly delivery: Delivery },
  context: RequestContext,
): Promise<PasskeyChallenge | Refused> {
  return outcome(context, ['RATE_LIMITED'], () =>
    context.services.accounts.startPasskeySignIn(delivery, enteringClient(context, delivery)),
  )
}
