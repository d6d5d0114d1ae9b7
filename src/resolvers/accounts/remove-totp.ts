import type { MfaStatus } from '../../services/accounts/factors/own-factors.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function removeTotp(_root: unknown, _args: object, context: RequestContext): Promise<MfaStatus | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['NOT_ENROLLED'], () => services.accounts.removeTotp(principal, client))
}
