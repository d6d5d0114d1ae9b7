import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelListeners, createChannelListeners } from '../../core/channel-listeners.ts'
import { type ChangeListeners, createChangeListeners } from '../../core/change-listeners.ts'
import { deriveKey, newSecret } from '../../core/secrets.ts'
import type { Bus } from '../../ports/bus.ts'
import type { Logger } from '../../ports/logger.ts'
import type { OpenedRedis } from './open-redis.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { openRedisChannels, type RedisChannels } from './redis-channels.ts'
import { openRedisLink, type RedisLink } from './redis-link.ts'
import { createSilentPeers } from './silent-peers.ts'
import { toldSeldom } from './told-seldom.ts'

export interface RedisBusOptions {
  /** Stays open when the bus is closed. */
  readonly redis: OpenedRedis
  /** Installations that share a Redis do not hear each other. */
  readonly installation: string
  /** The root secret: what is said without it is not heard. */
  readonly secret: string
  readonly logger: Logger
}

/** How long the bus waits for Redis when it is opened, in ms. */
const openWithinMs = 2000
/** How long what was said last may take to be sent when it is closed, in ms. */
const closeWithinMs = 500

/** The channels of the bus itself: on one each shows that it is there, on the other each says that messages of it were lost. */
const pulses = 'pulses'
const losses = 'losses'
/** Said instead of the number of a pulse by who goes. */
const farewell = 'farewell'
/** Before the names of all other channels. */
const prefix = 'bus:'

/**
 * A `Bus` over Redis pub/sub, by connections of its own. Resolves when it is live, or without that when Redis is away or
 * does not answer for 2 s. What is published in one turn of the event loop travels as one message per channel. While Redis is away nothing is
 * kept for it: when it is back the others are told that messages were lost. While one of the others is silent, who may be cut
 * off from Redis, `onChange` says each second that messages may have been lost, for a minute at the most.
 */
export async function redisBus(options: RedisBusOptions): Promise<Bus> {
  const bus = new ProcessBus(options)
  await bus.opened(openWithinMs)
  return bus
}

/** A channel that somebody listens to. */
interface Subscription {
  listeners: number
  readonly acknowledged: Promise<() => void>
}

class ProcessBus implements Bus {
  readonly #options: RedisBusOptions
  readonly #origin = newSecret(9)
  readonly #peers = createSilentPeers()
  readonly #channels: RedisChannels
  readonly #outbox: Outbox
  readonly #link: RedisLink
  readonly #listeners: ChannelListeners
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #changes: ChangeListeners<boolean>
  readonly #tellNoJson: (channel: string) => void
  /** Whether the log says that Redis is away. */
  #isMissed = false
  #isClosed = false

  constructor(options: RedisBusOptions) {
    this.#options = options
    const { redis, installation, secret, logger } = options
    this.#changes = createChangeListeners((error) => {
      logger.error({ error: String(error) }, 'A listener to the state of the bus threw.')
    })
    this.#tellNoJson = toldSeldom((count, channel) => {
      logger.warn({ channel, count }, 'Redis brought messages that are no JSON.')
    })
    this.#listeners = createChannelListeners((channel, error) => {
      logger.error({ channel, error: String(error) }, 'A listener on the bus threw.')
    })
    const origin = this.#origin
    this.#channels = openRedisChannels({
      redis,
      key: deriveKey(secret, 'redis messages, 1'),
      origin,
      prefix: `millrace:${installation}:`,
      onRefused: () => this.#link.renew(),
      onForged: toldSeldom((count, channel) => {
        const sentence = 'Redis brought messages that nobody with the secret of this installation has sent.'
        logger.warn({ channel, count }, sentence)
      }),
    })
    const isUp = () => redis.commands.isUp
    this.#outbox = createOutbox({ isUp, send: (channel, texts) => this.#channels.say(prefix + channel, texts) })
    void this.#channels.hear(pulses, ([text = '']) => this.#hearPulse(text))
    void this.#channels.hear(losses, () => this.isLive && this.#changes.tell(true))
    this.#link = openRedisLink({
      redis,
      subscribeAgain: () => this.#channels.hearAgain(),
      sendPulse: (pulse) => this.#sendPulse(pulse),
      onChange: (isLive) => this.#turn(isLive),
    })
  }

  get isLive(): boolean {
    return this.#link.isLive
  }

  /** Resolves when the bus is live, when Redis turns out to be away, or after so many ms. */
  async opened(ms: number): Promise<void> {
    const { commands } = this.#options.redis
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    const stops = [this.onChange(() => resolve()), commands.onChange(() => commands.isUp || resolve())]
    if (!this.isLive) await promise
    for (const stop of stops) stop()
    clearTimeout(timer)
    if (!this.isLive) this.#logAway()
  }

  publish(channel: string, message: unknown): void {
    if (this.#isClosed) return
    const text = JSON.stringify(message)
    this.#listeners.publish(channel, text)
    this.#outbox.push(channel, text)
  }

  async subscribe(channel: string, listener: (message: unknown) => void): Promise<() => void> {
    if (this.#isClosed) throw new Error('The bus is closed.')
    const remove = this.#listeners.add(channel, listener)
    const subscription = this.#subscriptions.get(channel) ?? this.#begin(channel)
    subscription.listeners += 1
    await subscription.acknowledged
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      remove()
      this.#end(channel, subscription)
    }
  }

  onChange(listener: (isLive: boolean) => void): () => void {
    return this.#changes.add(listener)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#changes.clear()
    this.#listeners.clear()
    this.#link[Symbol.dispose]()
    this.#channels.sayToAll(pulses, `${this.#origin} ${farewell}`).catch(() => undefined)
    await Promise.race([this.#outbox.flushed(), sleep(closeWithinMs, undefined, { ref: false })])
    for (const { acknowledged } of this.#subscriptions.values()) void acknowledged.then((stop) => stop())
    this.#subscriptions.clear()
  }

  #begin(channel: string): Subscription {
    const acknowledged = this.#channels.hear(prefix + channel, (texts) => this.#hear(channel, texts))
    const subscription = { listeners: 0, acknowledged }
    this.#subscriptions.set(channel, subscription)
    return subscription
  }

  #end(channel: string, subscription: Subscription): void {
    subscription.listeners -= 1
    if (subscription.listeners > 0 || this.#subscriptions.get(channel) !== subscription) return
    this.#subscriptions.delete(channel)
    void subscription.acknowledged.then((stop) => stop())
  }

  #hear(channel: string, texts: readonly string[]): void {
    for (const text of texts) {
      try {
        this.#listeners.hear(channel, text)
      } catch {
        this.#tellNoJson(channel)
      }
    }
  }

  #sendPulse(pulse: number): void {
    if (this.#outbox.takeLoss()) this.#channels.say(losses, []).catch(() => this.#outbox.lose())
    if (this.#peers.beat() && this.isLive) this.#changes.tell(true)
    // A pulse that fails is one that does not come back.
    this.#channels.sayToAll(pulses, `${this.#origin} ${pulse}`).catch(() => undefined)
  }

  #hearPulse(text: string): void {
    const [origin = '', pulse] = text.split(' ')
    if (origin === this.#origin) this.#link.heard(Number(pulse))
    else if (pulse === farewell) this.#peers.left(origin)
    else this.#peers.heard(origin)
  }

  #turn(isLive: boolean): void {
    this.#peers.forgive()
    if (!isLive) this.#logAway()
    else if (this.#isMissed) this.#logBack()
    this.#changes.tell(isLive)
  }

  #logBack(): void {
    this.#isMissed = false
    this.#options.logger.info({}, 'Redis answers again.')
  }

  #logAway(): void {
    this.#isMissed = true
    const { redis, logger } = this.#options
    const sentence =
      'Redis does not answer: live events come from the database, a little late, and each process counts for its rate limits by itself, until it is back.'
    logger.warn({ problem: redis.problem() }, sentence)
  }
}
