import type { SystemStatus } from '../../core/system-status.ts'
import type { RequestContext } from '../context.ts'

export function systemStatus(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<SystemStatus> {
  return services.system.status(principal)
}
