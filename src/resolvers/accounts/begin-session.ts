import { Refusal } from '../../core/errors.ts'
import type { Delivery } from '../../ports/accounts/account-records.ts'
import type { ClientInfo } from '../../services/accounts/client-info.ts'
import type { Entered, SignedIn } from '../../services/accounts/entered.ts'
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
  return showEntry(context, await command(enteringClient(context, delivery)))
}

/** The client of a request that may start a session, with a device cookie. Throws `BAD_REQUEST` where no cookie can be set. */
export function enteringClient(
  { client, deviceCookie, sessionCookie }: RequestContext,
  delivery: Delivery,
): ClientInfo {
  if (delivery === 'TOKENS') return client
  if (sessionCookie === null || deviceCookie === null) {
    throw new Refusal('BAD_REQUEST', 'This connection cannot set a cookie: ask for delivery TOKENS, or use HTTP.')
  }
  return { ...client, device: deviceCookie.ensure() }
}

/**
 * Throws `BAD_REQUEST` where the present session is proven by a cookie and the connection cannot set another: before a
 * command that gives the session new credentials.
 */
export async function assertRenewable({ principal, services, sessionCookie }: RequestContext): Promise<void> {
  if (sessionCookie !== null) return
  const { delivery } = await services.accounts.presentSession(principal)
  if (delivery === 'TOKENS') return
  throw new Refusal('BAD_REQUEST', 'Your session is proven by a cookie, which this connection cannot set: use HTTP.')
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
