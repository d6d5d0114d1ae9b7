import { fastify } from 'fastify'
import mercurius from 'mercurius'
import type { FanoutSystem } from '../system.ts'
import { document, tellEvent, typeDefinitions } from './event-schema.ts'
import { graphqlWsGreeting } from './greetings.ts'

/** Mercurius with its own pub/sub. */
export async function openMercurius(): Promise<FanoutSystem> {
  const app = fastify()
  const topic = 'event'
  await app.register(mercurius, {
    schema: typeDefinitions,
    resolvers: { Subscription: { channel: { subscribe: (_source, _args, { pubsub }) => pubsub.subscribe(topic) } } },
    subscription: true,
  })
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  return {
    port: Number(url.port),
    greeting: graphqlWsGreeting({ query: document }),
    publish(count, size) {
      for (let event = 0; event < count; event += 1) {
        app.graphql.pubsub.publish({ topic, payload: tellEvent(size) })
      }
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}
