import type { AcceptedMessage } from '../../services/channels/publish-message.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

interface Arguments {
  readonly channel: string
  readonly body?: unknown
  readonly idempotencyKey?: string | null | undefined
}

export function publishMessage(
  _root: unknown,
  { channel, body, idempotencyKey = null }: Arguments,
  context: RequestContext,
): Promise<AcceptedMessage | Refused> {
  const { services, principal } = context
  return outcome(context, ['INVALID_INPUT', 'IDEMPOTENCY_CONFLICT', 'RATE_LIMITED'], () =>
    services.channels.publish(principal, { channel, body, idempotencyKey }),
  )
}
