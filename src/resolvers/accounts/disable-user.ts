import type { User } from '../../services/accounts/outward.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function disableUser(
  _root: unknown,
  { id }: { readonly id: string },
  context: RequestContext,
): Promise<User | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['LAST_ADMINISTRATOR'], () => services.accounts.disableUser(id, client, principal))
}
