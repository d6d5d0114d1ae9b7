import type { RequestContext } from '../context.ts'

export async function revokeApiKey(
  _root: unknown,
  { id }: { readonly id: string },
  { services, client, principal }: RequestContext,
): Promise<boolean> {
  await services.accounts.revokeApiKey(id, client, principal)
  return true
}
