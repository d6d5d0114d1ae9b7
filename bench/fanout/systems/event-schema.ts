import { randomUUID } from 'node:crypto'
import { buildSchema, type GraphQLSchema } from 'graphql'
import { eventText } from '../system.ts'

/** What every client of every system asks for. */
export const document =
  'subscription { channel(name: "public/bench") { ... on MessagePublished { message { id sentAt body } } } }'

/** The part of Millrace's schema that this needs, for the systems that have none. */
export const typeDefinitions = `
  scalar DateTime
  scalar JSON
  type Query { ok: Boolean }
  type Subscription { channel(name: String!): ChannelEvent! }
  interface ChannelEvent { at: DateTime! }
  type MessagePublished implements ChannelEvent { at: DateTime! message: Message! }
  type Message { id: ID! sentAt: DateTime! body: JSON! }
`

/** An event as it is told to all: the root value of each execution, and what comes of it. */
export interface Told {
  readonly channel: {
    readonly __typename: 'MessagePublished'
    readonly message: { readonly id: string; readonly sentAt: string; readonly body: string }
  }
}

/** An event that happens now. */
export function tellEvent(size: number): Told {
  const message = { id: `message_${randomUUID()}`, sentAt: new Date().toISOString(), body: eventText(size) }
  return { channel: { __typename: 'MessagePublished', message } }
}

/** The answer of GraphQL to the document. */
export function answerOf({ channel: { message } }: Told): object {
  return { data: { channel: { message } } }
}

/** With `subscribe` for the field of the subscription. */
export function eventSchema(subscribe: () => AsyncIterable<Told>): GraphQLSchema {
  const schema = buildSchema(typeDefinitions)
  const field = schema.getSubscriptionType()?.getFields()['channel']
  if (field !== undefined) field.subscribe = subscribe
  return schema
}
