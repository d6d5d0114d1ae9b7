import type { Maintenance } from '../../core/runtime-settings.ts'
import type { RequestContext } from '../context.ts'

export function maintenance(_root: unknown, _args: object, { services }: RequestContext): Maintenance | null {
  return services.runtimeSettings.maintenance()
}
