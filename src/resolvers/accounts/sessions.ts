import type { RequestContext } from '../context.ts'
import type { ShownSession } from './shown-session.ts'

export async function sessions(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<ShownSession[]> {
  const currentId = principal.kind === 'anonymous' ? null : principal.sessionId
  const own = await services.accounts.sessions(principal)
  return own.map((session) => ({ ...session, current: session.id === currentId }))
}
