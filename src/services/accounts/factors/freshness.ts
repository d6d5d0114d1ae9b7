import { Refusal } from '../../../core/errors.ts'
import type { Records } from '../../../ports/store.ts'
import type { SessionPrincipal } from '../session-of.ts'
import { secondFactorsOf } from './second-factors.ts'

/** How long ago the factors may have been shown for what is guarded (ASVS 7.5.1). */
export const freshnessMs = 5 * 60 * 1000

/**
 * Throws `STEP_UP_REQUIRED` unless the factors were shown within five minutes: two of them where the user has a second one.
 * Its details are the terms of RFC 9470: `requiredAssuranceLevel` and `maxAgeSeconds`.
 */
export async function requireFresh(records: Records, principal: SessionPrincipal, now: number): Promise<void> {
  const { methods } = await secondFactorsOf(records, principal.userId)
  const hasFactor = methods.length > 0
  const until = freshUntil(principal, hasFactor)
  if (until !== null && now < until) return
  throw new Refusal('STEP_UP_REQUIRED', 'Show your factors again first, by startStepUp and completeStepUp.', {
    requiredAssuranceLevel: requiredAssurance(hasFactor),
    maxAgeSeconds: freshnessMs / 1000,
  })
}

/** Until when what the session has been shown lasts for what is guarded; `null`: too little was ever shown. */
export function freshUntil(
  { assurance, authenticatedAt }: Pick<SessionPrincipal, 'assurance' | 'authenticatedAt'>,
  hasFactor: boolean,
): number | null {
  return assurance >= requiredAssurance(hasFactor) ? authenticatedAt + freshnessMs : null
}

function requiredAssurance(hasFactor: boolean): 1 | 2 {
  return hasFactor ? 2 : 1
}
