import type { User } from '../../services/accounts/outward.ts'
import type { RequestContext } from '../context.ts'

export function user(
  _root: unknown,
  { idOrEmail }: { readonly idOrEmail: string },
  { services, principal }: RequestContext,
): Promise<User | null> {
  return services.accounts.findUser(idOrEmail, principal)
}
