import type { TotpEnrolment } from '../../services/accounts/factors/totp.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function enrollTotp(_root: unknown, _args: object, context: RequestContext): Promise<TotpEnrolment | Refused> {
  const { services, principal } = context
  return outcome(context, ['ALREADY_ENROLLED'], () => services.accounts.enrollTotp(principal))
}
