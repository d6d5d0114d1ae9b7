import type { RuntimeSettings } from '../../core/runtime-settings.ts'
import type { RequestContext } from '../context.ts'

export function runtimeSettings(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<RuntimeSettings> {
  return services.runtimeSettings.read(principal)
}
