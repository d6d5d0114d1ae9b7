import { Refusal } from '../../core/errors.ts'
import type { Delivery } from '../../ports/accounts/account-records.ts'
import type { ClientInfo, Entered, SignedIn } from '../../services/accounts/accounts.ts'
import type { RequestContext } from '../context.ts'
import type { ShownEntry, ShownSignIn } from './shown-session.ts'

/**
 * Runs a command that starts a session, or a challenge on the way to one, and sets the cookies where that was asked for.
 * Throws before the command where it cannot.
 */
export async function beginSession(
  context: RequestContext,
  delivery: Delivery,
  command: (client: ClientInfo) => Promise<Entered>,
): Promise<ShownEntry> {
  const { client, deviceCookie, sessionCookie } = context
  if (delivery === 'TOKENS') return showEntry(context, await command(client))
  if (sessionCookie === null || deviceCookie === null) {
    throw new Refusal('BAD_REQUEST', 'This connection cannot set a cookie: ask for delivery TOKENS, or use HTTP.')
  }
  return showEntry(context, await command({ ...client, device: deviceCookie.ensure() }))
}

/** What a sign-in answers: the cookie goes its own way. */
export function showEntry(context: RequestContext, entered: Entered): ShownEntry {
  return entered.kind === 'MFA_REQUIRED' ? entered : showSession(context, entered)
}

/** A session that has just been started or renewed, with its cookie set. */
export function showSession({ sessionCookie }: RequestContext, { cookie, ...signedIn }: SignedIn): ShownSignIn {
  const { kind, user, session, tokens } = signedIn
  if (cookie !== null) sessionCookie?.set(cookie, session.expiresAt)
  return { kind, user, session: { ...session, current: true }, tokens }
}
