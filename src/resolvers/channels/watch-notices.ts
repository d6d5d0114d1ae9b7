import type { NoticeEvent } from '../../services/channels/notice-event.ts'
import type { RequestContext } from '../context.ts'

export async function watchNotices(_root: unknown, _args: object, { services, principal, resume }: RequestContext) {
  const stream: AsyncIterable<unknown> = await services.notices.watch(principal, resume)
  // Each item's body becomes the root value of an execution (`server`), and the bodies of this topic are notice events.
  return stream as AsyncIterable<NoticeEvent>
}
