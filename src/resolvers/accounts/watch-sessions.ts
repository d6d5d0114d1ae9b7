import type { SessionEvent } from '../../services/accounts/sessions/watch-sessions.ts'
import type { RequestContext } from '../context.ts'

export async function watchSessions(_root: unknown, _args: object, context: RequestContext) {
  const { services, principal, resume } = context
  const stream: AsyncIterable<unknown> = await services.accounts.watchSessions(principal, resume)
  // Each item's body becomes the root value of an execution (`server`), and the bodies of this topic are session events.
  return stream as AsyncIterable<SessionEvent>
}
