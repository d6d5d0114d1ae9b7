import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import type { PasskeyChange } from './rename-passkey.ts'

export function removePasskey(
  _root: unknown,
  { id }: { readonly id: string },
  context: RequestContext,
): Promise<PasskeyChange | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['LAST_WAY_IN'], async () => ({
    passkey: await services.accounts.removePasskey(id, client, principal),
  }))
}
