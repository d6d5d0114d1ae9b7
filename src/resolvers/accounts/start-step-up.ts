import type { StepUpChallenge } from '../../services/accounts/factors/step-up.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function startStepUp(
  _root: unknown,
  _args: object,
  { services, client, principal }: RequestContext,
): Promise<StepUpChallenge | Refused> {
  return outcome(['NOT_ENROLLED', 'RATE_LIMITED'], () => services.accounts.startStepUp(principal, client))
}
