import type { AlertEvent } from '../../services/operations/alerts/alert-event.ts'
import type { RequestContext } from '../context.ts'

export async function watchAlerts(_root: unknown, _args: object, { services, principal, resume }: RequestContext) {
  const stream: AsyncIterable<unknown> = await services.alerts.watch(principal, resume)
  // Each item's body becomes the root value of an execution (`server`), and the bodies of this topic are alert events.
  return stream as AsyncIterable<AlertEvent>
}
