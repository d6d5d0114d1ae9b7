import type { StepUpChallenge } from '../../services/accounts/factors/step-up.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function startStepUp(
  _root: unknown,
  _args: object,
  context: RequestContext,
): Promise<StepUpChallenge | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['NOT_ENROLLED', 'RATE_LIMITED'], () => services.accounts.startStepUp(principal, client))
}
