import type { RequestContext } from '../context.ts'

export async function revokeSession(
  _root: unknown,
  { id }: { readonly id: string },
  { services, principal, client, sessionCookie }: RequestContext,
): Promise<boolean> {
  await services.accounts.revokeSession(id, principal, client)
  if (principal.kind === 'user' && principal.sessionId === id) sessionCookie?.clear()
  return true
}
