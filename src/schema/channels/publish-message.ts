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
        description: 'The place after it: who listens from there on gets what follows it.',
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
        'Publishes a message on a channel, to everybody who listens to it. NOT_FOUND for a channel that there is not, or that is another user’s; FORBIDDEN for one on which others publish.',
      args: {
        channel: t.arg.string({ required: true, description: 'The name of the channel, such as chat/lobby.' }),
        body: t.arg({
          type: 'JSON',
          required: true,
          description: 'What it says: at most 64 KiB, unless set otherwise.',
        }),
        idempotencyKey: t.arg.string({
          description:
            'At most 200 characters. Within 24 hours the same key of yours with the same body gives the same message again.',
        }),
      },
      resolve: publishMessage,
    }),
  )
}
