import { RedisPubSub } from 'graphql-redis-subscriptions'
import type { Redis } from 'ioredis'
import { createEnvelopeReader, writeEnvelope } from './envelope.ts'
import type { OpenedRedis } from './open-redis.ts'
import { createPubSubSubscriber } from './pub-sub-subscriber.ts'

/** The channels of Redis, as one process uses them. */
export interface RedisChannels {
  /** Rejects when it may not have been said. */
  say(channel: string, texts: readonly string[]): Promise<void>
  /** Says something that this process hears as well, if it listens. */
  sayToAll(channel: string, text: string): Promise<void>
  /**
   * Hears what others say, and what is said to all; once per channel. Resolves when the subscription is acknowledged, or is not because the connection
   * is down. Call the result, once, to end it.
   */
  hear(channel: string, listener: (texts: readonly string[]) => void): Promise<() => void>
  /** Has all subscriptions acknowledged by the present connection. Rejects when they are not. */
  hearAgain(): Promise<void>
}

export interface RedisChannelsOptions {
  readonly redis: OpenedRedis
  /** Names this process. */
  readonly origin: string
  /** What the names of all its channels begin with in Redis. */
  readonly prefix: string
  /** Hears that a connection which seems to be there did not acknowledge a subscription. */
  onRefused(): void
}

export function openRedisChannels({ redis, origin, prefix, onRefused }: RedisChannelsOptions): RedisChannels {
  const subscriber = createPubSubSubscriber(redis.subscriptions, onRefused)
  const pubSub = new RedisPubSub({
    publisher: redis.commands.client,
    // It has all that `RedisPubSub` uses of one.
    subscriber: subscriber as unknown as Redis,
    // Bytes, of which a process that hears itself reads only the first.
    messageEventName: 'messageBuffer',
    pmessageEventName: 'pmessageBuffer',
    serializer: (envelope: string) => envelope,
    deserializer: createEnvelopeReader(origin),
  })
  return {
    say: (channel, texts) => pubSub.publish(prefix + channel, writeEnvelope(origin, texts)),
    sayToAll: (channel, text) => pubSub.publish(prefix + channel, writeEnvelope('', [text])),
    async hear(channel, listener) {
      let isOver = false
      const id = await pubSub.subscribe<readonly string[] | null>(prefix + channel, (texts) => {
        if (texts !== null && !isOver) listener(texts)
      })
      return () => {
        if (!isOver) pubSub.unsubscribe(id)
        isOver = true
      }
    },
    hearAgain: () => subscriber.subscribeAgain(),
  }
}
