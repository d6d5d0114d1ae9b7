import type { GraphQLSchema } from 'graphql'
import { createSchema } from 'graphql-yoga'
import { NotFoundError, Refusal } from '../../src/core/errors.ts'
import type { EventBody } from '../../src/ports/event-log.ts'
import type { Store } from '../../src/ports/store.ts'
import type { RequestContext } from '../../src/resolvers/context.ts'
import type { Hub } from '../../src/services/streams/stream.ts'

export interface CounterParts {
  readonly store: Store
  readonly hub: Pick<Hub, 'open'>
  /** Called for each event of `counter` that is executed. */
  readonly executing?: () => void
}

const typeDefs = /* GraphQL */ `
  type Query {
    hello: String!
    whoAmI: String
    fail: String
  }
  type Mutation {
    "Appends an event and gives its number."
    count(topic: String!, text: String, last: Boolean): Int!
  }
  type Subscription {
    "Known names start with c."
    counter(topic: String!): Count!
    secret: Count!
    broken: Count!
  }
  type Count {
    n: Int!
    snapshot: Boolean!
    text: String
    "Fails for the number 13."
    unlucky: String
    "Who is asking, and over which connection."
    viewer: String
    connection: String
  }
`

/** A schema with a field of one topic, over a real hub, for tests of the transports. */
export function createCounterSchema({ store, hub, executing = () => {} }: CounterParts): GraphQLSchema {
  const subscribe = (topic: string, { resume }: RequestContext) => {
    if (!topic.startsWith('c')) throw new NotFoundError('counter')
    const snapshot = async ({ log }: Parameters<Parameters<Store['read']>[0]>[0]): Promise<EventBody> => ({
      n: (await log.head(topic))?.offset ?? 0,
      snapshot: true,
    })
    return hub.open({ topic, resume, snapshot })
  }
  return createSchema<RequestContext>({
    typeDefs,
    resolvers: {
      Query: {
        hello: () => 'world',
        whoAmI: (_root, _args, { principal }) => (principal.kind === 'anonymous' ? null : principal.userId),
        fail: () => {
          throw new Error('secret detail')
        },
      },
      Mutation: {
        count: async (_root, { topic, text = null, last = false }) => countUp(store, topic, { text, last }),
      },
      Subscription: {
        counter: {
          subscribe: (_root, { topic }, context) => subscribe(topic, context),
          resolve: (body) => {
            executing()
            return body
          },
        },
        secret: {
          subscribe: (_root, _args, context) => {
            if (context.principal.kind !== 'anonymous') return subscribe('c', context)
            throw new Refusal('UNAUTHENTICATED', 'Sign in first.')
          },
          resolve: (body) => body,
        },
        broken: {
          subscribe: () => {
            throw new Error('secret detail')
          },
        },
      },
      Count: {
        snapshot: (count) => count.snapshot ?? false,
        unlucky: ({ n }) => {
          if (n === 13) throw new Error('secret detail')
          return 'lucky'
        },
        viewer: (_count, _args, { principal }) => (principal.kind === 'anonymous' ? null : principal.userId),
        connection: (_count, _args, { client, resume }) => client.userAgent ?? resume?.after ?? null,
      },
    },
  })
}

/** Appends `{ n, text }`, `n` being its offset. */
export async function countUp(
  store: Store,
  topic: string,
  { text = null, last = false }: { readonly text?: string | null; readonly last?: boolean } = {},
): Promise<number> {
  return store.write(async ({ log }) => {
    const n = ((await log.head(topic))?.offset ?? 0) + 1
    await log.append(topic, { n, text }, { last })
    return n
  })
}
