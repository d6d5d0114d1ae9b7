import type { Page } from '../../core/page.ts'
import type { ShownAlert } from '../../services/operations/alerts/alert-event.ts'
import type { RequestContext } from '../context.ts'

interface Arguments {
  readonly active?: boolean | null | undefined
  readonly first: number
  readonly after?: string | null | undefined
}

export function alerts(
  _root: unknown,
  { active = null, first, after = null }: Arguments,
  { services, principal }: RequestContext,
): Promise<Page<ShownAlert>> {
  return services.alerts.list(principal, { active, first, after })
}
