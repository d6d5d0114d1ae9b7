import { watchChannel } from '../../resolvers/channels/watch-channel.ts'
import type { ChannelEvent } from '../../services/channels/channel-event.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { MessageRef } from './message.ts'

type ChannelEventOf<Type extends ChannelEvent['type']> = Extract<ChannelEvent, { readonly type: Type }>

/** What is public is open to everybody; for the rest the service decides. */
const directives = { skipAuth: {} }

/** Adds `ChannelEvent`, its kinds, and the subscription `channel`. */
export function addChannelEvents(builder: Builder, message: MessageRef): void {
  const channelEvent = addChannelEvent(builder)
  const event = { interfaces: [channelEvent], directives }

  builder.objectRef<ChannelEventOf<'ChannelSnapshot'>>('ChannelSnapshot').implement({
    ...event,
    description: 'The newest messages, as many as were asked for, when the stream opens or, after a gap, goes on.',
    fields: (t) => ({
      messages: t.field({
        ...forAllWhoMay,
        type: [message],
        description: 'At most `last` of them, the oldest of these first.',
        resolve: ({ messages }) => messages,
      }),
    }),
  })

  builder.objectRef<ChannelEventOf<'MessagePublished'>>('MessagePublished').implement({
    ...event,
    description: 'A message was published.',
    fields: (t) => ({
      message: t.expose('message', { ...forAllWhoMay, type: message, description: 'The message.' }),
    }),
  })

  builder.subscriptionField('channel', (t) =>
    t.field({
      ...forAllWhoMay,
      type: channelEvent,
      directives,
      description:
        'What is published on a channel: first its newest messages, as many as you ask for, then each that is published. Public channels are open to everybody; to others listens who is signed in, or an API key with the scope CHANNELS_READ. NOT_FOUND for a channel that there is not, or that is another user’s; FORBIDDEN for one of administrators.',
      args: {
        name: t.arg.string({
          required: true,
          description: 'The name of the channel: 2 to 8 parts with a slash between them, such as chat/lobby.',
        }),
        last: t.arg.int({
          required: true,
          defaultValue: 0,
          description:
            'How many messages to open with, 0 to 100; fewer where fewer are kept, or where they are over 256 KiB together. Of no effect with a cursor that the stream goes on from.',
        }),
      },
      subscribe: watchChannel,
      resolve: (event) => event,
    }),
  )
}

function addChannelEvent(builder: Builder) {
  return builder.interfaceRef<ChannelEvent>('ChannelEvent').implement({
    description: 'Something that happened on a channel: MessagePublished, or first of all ChannelSnapshot.',
    directives,
    resolveType: ({ type }) => type,
    fields: (t) => ({
      channel: t.string({
        ...forAllWhoMay,
        description: 'The name of the channel.',
        resolve: (event) => (event.type === 'ChannelSnapshot' ? event.channel : event.message.channel),
      }),
      at: t.field({
        ...forAllWhoMay,
        type: 'DateTime',
        description: 'When it happened.',
        resolve: (event) => (event.type === 'ChannelSnapshot' ? event.at : event.message.sentAt),
      }),
    }),
  })
}
