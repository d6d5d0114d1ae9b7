import { publishMessage } from '../../resolvers/channels/publish-message.ts'
import type { AcceptedMessage } from '../../services/channels/publish-message.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import type { MessageRef } from './message.ts'

/** Adds the mutation `publishMessage`. */
export function addPublishMessage(builder: Builder, refusals: Refusals, message: MessageRef): void {
  const directives = requiresOneOf('channels:publish')

  const accepted = builder.objectRef<AcceptedMessage>('MessageAccepted').implement({
    description: 'The message was published.',
    directives,
    fields: (t) => ({
      // Not `message`: refusals in the same union have one, which is a text.
      published: t.field({
        type: message,
        description: 'The message as it was published.',
        resolve: (answer) => answer.message,
      }),
      cursor: t.exposeString('cursor', {
        description:
          'The place after it in the log of its channel: who listens with it as extensions.resume.after gets what follows.',
      }),
    }),
  })

  const result = builder.unionType('PublishMessageResult', {
    description: 'What becomes of a request to publish a message.',
    types: [accepted, refusals.invalidInput, refusals.idempotencyConflict, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'MessageAccepted',
  })

  builder.mutationField('publishMessage', (t) =>
    t.field({
      type: result,
      directives,
      description:
        'Publishes a message on a channel, to everybody who listens to it; who comes back later gets it as long as it is kept. An API key needs the scope CHANNELS_PUBLISH and, where administrators publish, ADMIN. NOT_FOUND for a channel that there is not, or that is another user’s; FORBIDDEN for one on which others publish.',
      args: {
        channel: t.arg.string({
          required: true,
          description: 'The name of the channel: 2 to 8 parts with a slash between them, such as chat/lobby.',
        }),
        body: t.arg({
          type: 'JSON',
          required: true,
          description:
            'What it says: any JSON but a bare null. At most 64 KiB, unless set otherwise, and 64 levels deep; in variables, where those of the request count, 62 over HTTP and 61 over WebSocket.',
        }),
        idempotencyKey: t.arg.string({
          description:
            'Of 1 to 200 characters. Within 24 hours the same key of yours on the same channel with the same body gives the same message again, and publishes nothing.',
        }),
      },
      resolve: publishMessage,
    }),
  )
}
