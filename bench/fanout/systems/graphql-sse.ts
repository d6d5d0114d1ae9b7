import { createServer } from 'node:http'
import { createHandler } from 'graphql-sse/lib/use/http'
import type { FanoutSystem } from '../system.ts'
import { createBroadcast } from './broadcast.ts'
import { document, eventSchema, tellEvent } from './event-schema.ts'
import { graphqlSseGreeting } from './greetings.ts'
import { closeServer, listen } from './listen.ts'

/** graphql-sse on node:http as its documentation has it, with a pub/sub in the process. */
export async function openGraphqlSse(): Promise<FanoutSystem> {
  const broadcast = createBroadcast()
  const handler = createHandler({ schema: eventSchema(() => broadcast.subscribe()) })
  const server = createServer((request, response) => void handler(request, response))
  return {
    port: await listen(server),
    greeting: graphqlSseGreeting({ query: document }),
    publish(count, size) {
      for (let event = 0; event < count; event += 1) broadcast.publish(tellEvent(size))
    },
    [Symbol.asyncDispose]: () => closeServer(server),
  }
}
