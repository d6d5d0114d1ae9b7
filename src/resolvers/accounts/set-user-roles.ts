import type { Role } from '../../core/principal.ts'
import type { User } from '../../services/accounts/outward.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function setUserRoles(
  _root: unknown,
  change: { readonly id: string; readonly roles: readonly Role[] },
  context: RequestContext,
): Promise<User | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['INVALID_INPUT', 'LAST_ADMINISTRATOR'], () =>
    services.accounts.setUserRoles(change, client, principal),
  )
}
