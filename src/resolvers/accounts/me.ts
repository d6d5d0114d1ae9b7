import type { User } from '../../services/accounts/outward.ts'
import type { RequestContext } from '../context.ts'

export function me(_root: unknown, _args: object, { services, principal }: RequestContext): Promise<User> {
  return services.accounts.me(principal)
}
