import type { RequestContext } from '../context.ts'

export function revokeOtherSessions(
  _root: unknown,
  _args: object,
  { services, principal, client }: RequestContext,
): Promise<number> {
  return services.accounts.revokeOtherSessions(principal, client)
}
