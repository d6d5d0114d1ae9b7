import type { OpenInvite } from '../../services/accounts/administration/invites.ts'
import type { RequestContext } from '../context.ts'

export async function invites(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<OpenInvite[]> {
  return [...(await services.accounts.invites(principal))]
}
