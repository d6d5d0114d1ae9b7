import type { PasskeyChallenge } from '../../services/accounts/passkeys/passkey-challenge.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function startPasskeyRegistration(
  _root: unknown,
  _args: object,
  context: RequestContext,
): Promise<PasskeyChallenge | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['QUOTA_EXCEEDED', 'RATE_LIMITED'], () =>
    services.accounts.startPasskeyRegistration(client, principal),
  )
}
