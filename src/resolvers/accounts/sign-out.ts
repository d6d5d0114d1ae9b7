import type { RequestContext } from '../context.ts'

export async function signOut(_root: unknown, _args: object, context: RequestContext): Promise<boolean> {
  const ended = await context.services.accounts.signOut(context.principal, context.client)
  context.sessionCookie?.clear()
  return ended
}
