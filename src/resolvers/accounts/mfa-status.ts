import type { MfaStatus } from '../../services/accounts/factors/own-factors.ts'
import type { RequestContext } from '../context.ts'

export function mfaStatus(_root: unknown, _args: object, { services, principal }: RequestContext): Promise<MfaStatus> {
  return services.accounts.mfaStatus(principal)
}
