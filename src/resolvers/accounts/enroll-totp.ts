import type { TotpEnrolment } from '../../services/accounts/factors/totp.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function enrollTotp(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<TotpEnrolment | Refused> {
  return outcome(['ALREADY_ENROLLED'], () => services.accounts.enrollTotp(principal))
}
