import type { User } from '../../services/accounts/outward.ts'
import type { RequestContext } from '../context.ts'

export function resetUserMfa(
  _root: unknown,
  { id }: { readonly id: string },
  { services, client, principal }: RequestContext,
): Promise<User> {
  return services.accounts.resetUserMfa(id, client, principal)
}
