import type { Passkey } from '../../services/accounts/passkeys/outward-passkey.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

/** A passkey that was changed. */
export interface PasskeyChange {
  readonly passkey: Passkey
}

export function renamePasskey(
  _root: unknown,
  input: { readonly id: string; readonly name: string },
  context: RequestContext,
): Promise<PasskeyChange | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['INVALID_INPUT'], async () => ({
    passkey: await services.accounts.renamePasskey(input, client, principal),
  }))
}
