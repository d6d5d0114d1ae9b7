import type { Message } from '../../services/channels/channel-event.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'

/** Adds `Message`. */
export function addMessage(builder: Builder) {
  return builder.objectRef<Message>('Message').implement({
    description: 'Something that was published on a channel.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      id: t.exposeID('id', { ...forAllWhoMay, description: 'Names the message.' }),
      channel: t.exposeString('channel', {
        ...forAllWhoMay,
        description: 'The name of the channel that it was published on.',
      }),
      body: t.field({
        ...forAllWhoMay,
        type: 'JSON',
        description: 'What it says, as it was published.',
        resolve: ({ body }) => body,
      }),
      sentAt: t.expose('sentAt', { ...forAllWhoMay, type: 'DateTime', description: 'When it was published.' }),
      senderId: t.exposeID('senderId', {
        ...forAllWhoMay,
        description: 'The user who published it; their account may be gone by now.',
      }),
    }),
  })
}

export type MessageRef = ReturnType<typeof addMessage>
