import type { ChannelEvent } from '../../services/channels/channel-event.ts'
import type { RequestContext } from '../context.ts'

export async function watchChannel(
  _root: unknown,
  { name, last }: { readonly name: string; readonly last: number },
  { services, principal, resume }: RequestContext,
) {
  const stream: AsyncIterable<unknown> = await services.channels.watch(principal, { name, last, resume })
  // Each item's body becomes the root value of an execution (`server`), and the bodies of this topic are channel events.
  return stream as AsyncIterable<ChannelEvent>
}
