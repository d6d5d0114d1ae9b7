import type { Notice, NoticeSeverity } from '../../ports/notices.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

interface Arguments {
  readonly text: string
  readonly severity: NoticeSeverity
  readonly until?: number | null | undefined
  readonly idempotencyKey?: string | null | undefined
}

const expected = ['INVALID_INPUT', 'IDEMPOTENCY_CONFLICT', 'QUOTA_EXCEEDED', 'RATE_LIMITED'] as const

export function publishNotice(
  _root: unknown,
  { text, severity, until = null, idempotencyKey = null }: Arguments,
  context: RequestContext,
): Promise<Notice | Refused> {
  const { services, principal, client } = context
  return outcome(context, expected, () =>
    services.notices.publish(principal, { text, severity, until, idempotencyKey }, client),
  )
}
