import type { RuntimeSettings } from '../../core/runtime-settings.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

interface Arguments {
  readonly on: boolean
  readonly message?: string | null | undefined
}

export function setMaintenance(
  _root: unknown,
  { on, message = null }: Arguments,
  context: RequestContext,
): Promise<RuntimeSettings | Refused> {
  const { services, principal, client } = context
  return outcome(context, ['INVALID_INPUT', 'RATE_LIMITED'], () =>
    services.runtimeSettings.setMaintenance(principal, { on, message }, client),
  )
}
