import { Refusal } from '../../core/errors.ts'
import type { Delivery } from '../../ports/account-records.ts'
import type { SignedIn } from '../../services/accounts/accounts.ts'
import type { RequestContext } from '../context.ts'
import type { ShownSignIn } from './shown-session.ts'

/** Runs a command that starts a session, and sets the cookie where that was asked for. Throws before the command where it cannot. */
export async function beginSession(
  context: RequestContext,
  delivery: Delivery,
  command: () => Promise<SignedIn>,
): Promise<ShownSignIn> {
  const jar = delivery === 'COOKIE' ? context.sessionCookie : null
  if (delivery === 'COOKIE' && jar === null) {
    throw new Refusal('BAD_REQUEST', 'This connection cannot set a cookie: ask for delivery TOKENS, or use HTTP.')
  }
  const { user, session, cookie, tokens } = await command()
  if (cookie !== null) jar?.set(cookie, session.expiresAt)
  return { user, session: { ...session, current: true }, tokens }
}
