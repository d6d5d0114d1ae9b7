import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import type { IdentityChange } from './finish-identity-link.ts'

export function unlinkIdentity(
  _root: unknown,
  { id }: { readonly id: string },
  context: RequestContext,
): Promise<IdentityChange | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['LAST_WAY_IN'], async () => ({
    identity: await services.accounts.unlinkIdentity(id, client, principal),
  }))
}
