import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import type { IdentityChange } from './finish-identity-link.ts'

export function unlinkIdentity(
  _root: unknown,
  { id }: { readonly id: string },
  { services, client, principal }: RequestContext,
): Promise<IdentityChange | Refused> {
  return outcome(['LAST_WAY_IN'], async () => ({
    identity: await services.accounts.unlinkIdentity(id, client, principal),
  }))
}
