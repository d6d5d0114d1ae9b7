import type { WaysIn } from '../../services/accounts/entry/ways-in.ts'
import type { RequestContext } from '../context.ts'

export function authMethods(_root: unknown, _args: object, { services }: RequestContext): WaysIn {
  return services.accounts.waysIn()
}
