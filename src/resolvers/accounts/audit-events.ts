import type { Page } from '../../core/page.ts'
import type { AuditEventName, AuditEventRecord } from '../../ports/accounts/audit-log.ts'
import type { RequestContext } from '../context.ts'

interface Arguments {
  readonly first: number
  readonly after?: string | null | undefined
  readonly event?: AuditEventName | null | undefined
  readonly userId?: string | null | undefined
}

export function auditEvents(
  _root: unknown,
  { first, after = null, event = null, userId = null }: Arguments,
  { services, principal }: RequestContext,
): Promise<Page<AuditEventRecord>> {
  return services.accounts.auditEvents({ first, after, event, userId }, principal)
}
