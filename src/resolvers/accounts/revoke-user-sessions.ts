import type { RequestContext } from '../context.ts'

export function revokeUserSessions(
  _root: unknown,
  { id }: { readonly id: string },
  { services, client, principal }: RequestContext,
): Promise<number> {
  return services.accounts.revokeUserSessions(id, client, principal)
}
