import { createServer } from 'node:http'
import { createPubSub, createYoga } from 'graphql-yoga'
import type { FanoutSystem } from '../system.ts'
import { document, eventSchema, tellEvent, type Told } from './event-schema.ts'
import { graphqlSseGreeting } from './greetings.ts'
import { closeServer, listen } from './listen.ts'

/** graphql-yoga on node:http with its own pub/sub. */
export async function openYogaSse(): Promise<FanoutSystem> {
  const pubSub = createPubSub<{ event: [Told] }>()
  const yoga = createYoga({ schema: eventSchema(() => pubSub.subscribe('event')), logging: false })
  const server = createServer((request, response) => void yoga(request, response))
  return {
    port: await listen(server),
    greeting: graphqlSseGreeting({ query: document }),
    publish(count, size) {
      for (let event = 0; event < count; event += 1) pubSub.publish('event', tellEvent(size))
    },
    [Symbol.asyncDispose]: () => closeServer(server),
  }
}
