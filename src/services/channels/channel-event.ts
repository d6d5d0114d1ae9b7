import type { EventBody } from '../../ports/event-log.ts'

/** Something that was published on a channel. */
export interface Message {
  readonly id: string
  readonly channel: string
  /** Of a user who may be gone by now. */
  readonly senderId: string
  readonly sentAt: number
  /** Any JSON. */
  readonly body: unknown
}

/** What is told on the topic `channel:<name>`. The same for whoever may listen: nothing in it depends on who that is. */
export type ChannelEvent =
  | {
      readonly type: 'ChannelSnapshot'
      readonly channel: string
      readonly at: number
      readonly messages: readonly Message[]
    }
  | { readonly type: 'MessagePublished'; readonly message: Message }

/** The message that an event in the log of a channel tells of. */
export function readMessage(body: EventBody): Message {
  // Nothing but `publish` writes to these topics.
  const { message } = body as unknown as Extract<ChannelEvent, { readonly type: 'MessagePublished' }>
  return message
}
