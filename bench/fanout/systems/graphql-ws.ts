import { createServer } from 'node:http'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { FanoutSystem } from '../system.ts'
import { createBroadcast } from './broadcast.ts'
import { document, eventSchema, tellEvent } from './event-schema.ts'
import { graphqlWsGreeting } from './greetings.ts'
import { closeServer, listen } from './listen.ts'

/** graphql-ws on `ws` as its documentation has it, with a pub/sub in the process. */
export async function openGraphqlWs(): Promise<FanoutSystem> {
  const broadcast = createBroadcast()
  const server = createServer()
  const webSockets = new WebSocketServer({ server, path: '/graphql' })
  const running = useServer({ schema: eventSchema(() => broadcast.subscribe()) }, webSockets)
  return {
    port: await listen(server),
    greeting: graphqlWsGreeting({ query: document }),
    publish(count, size) {
      for (let event = 0; event < count; event += 1) broadcast.publish(tellEvent(size))
    },
    async [Symbol.asyncDispose]() {
      await running.dispose()
      await closeServer(server)
    },
  }
}
