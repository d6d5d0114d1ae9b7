import type { RequestContext } from '../context.ts'

export async function revokeInvite(
  _root: unknown,
  { id }: { readonly id: string },
  { services, client, principal }: RequestContext,
): Promise<boolean> {
  await services.accounts.revokeInvite(id, client, principal)
  return true
}
