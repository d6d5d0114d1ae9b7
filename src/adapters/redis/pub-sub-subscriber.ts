import type { RedisLine } from './redis-line.ts'

/** How many channels go in one SUBSCRIBE. */
const together = 500

/**
 * The subscriber that `RedisPubSub` is given: it knows what is wanted while there is no connection, and fails never.
 * Whose SUBSCRIBE fails would leave entries in `RedisPubSub` behind that nothing removes, and it awaits no UNSUBSCRIBE, whose
 * failure then ends the process (graphql-redis-subscriptions 2.7.0, `redis-pubsub.js`).
 */
export interface PubSubSubscriber {
  on(event: 'messageBuffer' | 'pmessageBuffer', listener: (...message: Buffer[]) => void): void
  /** Calls back when it is acknowledged, or when it is not because the connection is down or is renewed. */
  subscribe(channel: string, done: (error: null) => void): Promise<void>
  unsubscribe(channel: string): void
  /** Channels are no patterns. */
  punsubscribe(): void
  /** Has all that is wanted acknowledged by the present connection. Rejects when it is not. */
  subscribeAgain(): Promise<void>
}

/** `onRefused` hears why a subscription was not acknowledged by a connection that seemed to be there. */
export function createPubSubSubscriber(line: RedisLine, onRefused: (error: unknown) => void): PubSubSubscriber {
  const { client } = line
  const wanted = new Set<string>()
  return {
    on: (event, listener) => void client.on(event, listener),
    async subscribe(channel, done) {
      wanted.add(channel)
      try {
        if (line.isUp) await client.subscribe(channel)
      } catch (error) {
        onRefused(error)
      }
      done(null)
    },
    unsubscribe(channel) {
      wanted.delete(channel)
      // What is not taken back now ends with the connection.
      if (line.isUp) void client.unsubscribe(channel).catch(() => undefined)
    },
    punsubscribe: () => undefined,
    async subscribeAgain() {
      const channels = [...wanted]
      for (let start = 0; start < channels.length; start += together)
        await client.subscribe(...channels.slice(start, start + together))
    },
  }
}
