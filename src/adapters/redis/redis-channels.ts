import { RedisPubSub } from 'graphql-redis-subscriptions'
import type { Redis } from 'ioredis'
import { createEnvelopeReader, createProver, writeEnvelope } from './envelope.ts'
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
  /** Who has it may speak on the channels: what others say is passed over. */
  readonly key: Buffer
  /** Names this process. */
  readonly origin: string
  /** What the names of all its channels begin with in Redis. */
  readonly prefix: string
  /** Hears that a connection which seems to be there did not acknowledge a subscription. */
  onRefused(): void
  /** Hears of each message that somebody without the key has sent. */
  onForged(channel: string): void
}

export function openRedisChannels(options: RedisChannelsOptions): RedisChannels {
  const { redis, key, origin, prefix, onRefused, onForged } = options
  const prove = createProver(key)
  const read = createEnvelopeReader({ prove, origin, onForged })
  const subscriber = createPubSubSubscriber(redis.subscriptions, onRefused)
  const pubSub = new RedisPubSub({
    publisher: redis.commands.client,
    // It has all that `RedisPubSub` uses of one.
    subscriber: subscriber as unknown as Redis,
    // Bytes: a process that hears itself reads no text out of them.
    messageEventName: 'messageBuffer',
    pmessageEventName: 'pmessageBuffer',
    serializer: (envelope: string) => envelope,
  })
  const publish = (channel: string, from: string, texts: readonly string[]) =>
    pubSub.publish(prefix + channel, writeEnvelope(prove, prefix + channel, from, texts))
  return {
    say: (channel, texts) => publish(channel, origin, texts),
    sayToAll: (channel, text) => publish(channel, '', [text]),
    async hear(channel, listener) {
      let isOver = false
      const id = await pubSub.subscribe<Buffer>(prefix + channel, (envelope) => {
        const texts = isOver ? null : read(prefix + channel, envelope)
        if (texts !== null) listener(texts)
      })
      return () => {
        if (!isOver) pubSub.unsubscribe(id)
        isOver = true
      }
    },
    hearAgain: () => subscriber.subscribeAgain(),
  }
}
