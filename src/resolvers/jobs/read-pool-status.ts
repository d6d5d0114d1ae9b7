import type { PoolStatus } from '../../services/jobs/pool-status.ts'
import type { RequestContext } from '../context.ts'

export function readPoolStatus(_root: unknown, _arguments: object, context: RequestContext): Promise<PoolStatus> {
  return context.services.pool.read(context.principal)
}
