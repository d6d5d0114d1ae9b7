import type { Notice } from '../../ports/notices.ts'
import type { RequestContext } from '../context.ts'

export function notices(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<readonly Notice[]> {
  return services.notices.inForce(principal)
}
