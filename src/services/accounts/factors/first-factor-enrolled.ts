import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'
import type { SessionPrincipal } from '../session-of.ts'
import { endSession } from '../sessions/end-sessions.ts'
import type { StartedSession } from '../sessions/start-session.ts'
import { giveRecoveryCodes } from './recovery-codes.ts'

/** A second factor that its owner has just shown for the first time. */
export interface Enrolment {
  readonly factor: 'TOTP' | 'PASSKEY'
  readonly principal: SessionPrincipal
  readonly client: ClientInfo
}

/** What enrolling it leads to. */
export interface Enrolled {
  /** To be shown once; `null`: the user has codes already. */
  readonly recoveryCodes: readonly string[] | null
  /** The session of whoever enrolled it, with two factors shown. For `SessionStarter.handOver` after the commit. */
  readonly renewed: StartedSession
}

type EnrolmentParts = Pick<AccountParts, 'clock' | 'starter' | 'recoveryKey' | 'audit' | 'mail'>

/**
 * Draws the consequences of an enrolled factor in the caller's transaction: the user gets recovery codes if there are none,
 * every other session that never passed a second factor ends, and the present one is renewed with both factors. Call it for
 * the first factor and for any later one. Throws `SESSION_REVOKED` when the session has ended or was renewed meanwhile.
 */
export async function firstFactorEnrolled(
  parts: EnrolmentParts,
  records: Records,
  { factor, principal, client }: Enrolment,
): Promise<Enrolled> {
  const { userId, sessionId } = principal
  const hasCodes = (await records.factors.countRecoveryCodes(userId)) > 0
  const recoveryCodes = hasCodes ? null : await giveRecoveryCodes(parts, records, { userId, by: principal, client })
  await endUnproven(parts, records, principal)
  const shown = (await records.accounts.findSession(sessionId))?.methods ?? []
  const methods = [...new Set([...shown, factor])]
  return { recoveryCodes, renewed: await parts.starter.renew(records, { sessionId, methods, assurance: 2 }) }
}

/** Ends the other sessions in which only one factor was ever shown. */
async function endUnproven(
  { clock }: EnrolmentParts,
  records: Records,
  { userId, sessionId: own }: SessionPrincipal,
): Promise<void> {
  const now = clock.now()
  for (const { id: sessionId, assurance } of await records.accounts.sessionsOf(userId, now)) {
    if (sessionId !== own && assurance === 1) await endSession(records, { sessionId, userId }, now)
  }
}
