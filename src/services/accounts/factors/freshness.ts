import { Refusal } from '../../../core/errors.ts'
import type { Records } from '../../../ports/store.ts'
import type { SessionRecord } from '../../../ports/accounts/account-records.ts'
import type { SessionPrincipal } from '../session-of.ts'
import { type LivingSession, livingSession } from '../sessions/living-session.ts'
import { secondFactorsOf } from './second-factors.ts'

/** How long ago the factors may have been shown for what is guarded (ASVS 7.5.1). */
const freshnessMs = 5 * 60 * 1000

/** By how much the clocks of processes may differ. Factors shown later than that from now are of a clock that was set back. */
const clockToleranceMs = 5 * 60 * 1000

/**
 * Throws `STEP_UP_REQUIRED` unless the factors were shown within five minutes: two of them where the user has a second one.
 * Its details are the terms of RFC 9470: `requiredAssuranceLevel` and `maxAgeSeconds`. What counts is what is stored of the
 * session: throws `SESSION_REVOKED` as `livingSession` does, and gives what that gives.
 */
export async function requireFresh(records: Records, principal: SessionPrincipal, now: number): Promise<LivingSession> {
  const living = await livingSession(records, principal, now)
  const { methods } = await secondFactorsOf(records, principal.userId)
  const hasFactor = methods.length > 0
  const until = freshUntil(living.session, hasFactor)
  const isPast = now >= living.session.authenticatedAt - clockToleranceMs
  if (until !== null && now < until && isPast) return living
  throw new Refusal('STEP_UP_REQUIRED', 'Show your factors again first, by startStepUp and completeStepUp.', {
    requiredAssuranceLevel: requiredAssurance(hasFactor),
    maxAgeSeconds: freshnessMs / 1000,
  })
}

/** Until when what the session has been shown lasts for what is guarded; `null`: too little was ever shown. */
export function freshUntil(
  { assurance, authenticatedAt }: Pick<SessionRecord, 'assurance' | 'authenticatedAt'>,
  hasFactor: boolean,
): number | null {
  return assurance >= requiredAssurance(hasFactor) ? authenticatedAt + freshnessMs : null
}

function requiredAssurance(hasFactor: boolean): 1 | 2 {
  return hasFactor ? 2 : 1
}
