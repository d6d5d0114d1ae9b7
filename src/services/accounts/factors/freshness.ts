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
  const requiredAssuranceLevel = methods.length > 0 ? 2 : 1
  const isFresh = now - principal.authenticatedAt < freshnessMs
  if (isFresh && principal.assurance >= requiredAssuranceLevel) return
  throw new Refusal('STEP_UP_REQUIRED', 'Show your factors again first, by startStepUp and completeStepUp.', {
    requiredAssuranceLevel,
    maxAgeSeconds: freshnessMs / 1000,
  })
}
