import type { Identity } from '../../services/accounts/identities/identity-links.ts'
import type { RequestContext } from '../context.ts'

export async function identities(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<Identity[]> {
  return [...(await services.accounts.identities(principal))]
}
