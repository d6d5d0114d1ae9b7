import type { LogLevel } from '../../core/job.ts'
import type { RuntimeSettings } from '../../core/runtime-settings.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

interface Arguments {
  readonly level?: LogLevel | null | undefined
}

export function setLogLevel(
  _root: unknown,
  { level = null }: Arguments,
  context: RequestContext,
): Promise<RuntimeSettings | Refused> {
  const { services, principal, client } = context
  return outcome(context, ['RATE_LIMITED'], () => services.runtimeSettings.setLogLevel(principal, level, client))
}
