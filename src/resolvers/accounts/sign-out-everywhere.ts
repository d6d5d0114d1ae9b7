import type { RequestContext } from '../context.ts'

export async function signOutEverywhere(
  _root: unknown,
  _args: object,
  { services, principal, client, sessionCookie }: RequestContext,
): Promise<number> {
  const ended = await services.accounts.signOutEverywhere(principal, client)
  sessionCookie?.clear()
  return ended
}
