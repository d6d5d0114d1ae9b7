import type { PasskeyChallenge } from '../../services/accounts/passkeys/passkey-challenge.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function startPasskeyRegistration(
  _root: unknown,
  _args: object,
  { services, client, principal }: RequestContext,
): Promise<PasskeyChallenge | Refused> {
  return outcome(['QUOTA_EXCEEDED', 'RATE_LIMITED'], () =>
    services.accounts.startPasskeyRegistration(client, principal),
  )
}
