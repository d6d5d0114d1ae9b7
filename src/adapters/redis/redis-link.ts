import type { OpenedRedis } from './open-redis.ts'
import type { RedisLine } from './redis-line.ts'

/** Whether messages come through: what is said over one connection is heard over the other. */
export interface RedisLink extends Disposable {
  readonly isLive: boolean
  /** Takes note that a pulse came back. */
  heard(pulse: number): void
  /** Takes the connections for lost, and has new ones made. */
  renew(): void
}

export interface RedisLinkOptions {
  readonly redis: OpenedRedis
  /** Has all subscriptions acknowledged by the present connection. Rejects when they are not. */
  subscribeAgain(): Promise<void>
  /** Sends this process a number that `heard` is to be called with. */
  sendPulse(pulse: number): void
  onChange(isLive: boolean): void
  /** The time between two pulses, in ms. */
  readonly everyMs?: number
}

/**
 * How many pulses may be out at once. Pulses are counted, not the time: after a stop of this process the answers that lie
 * in the sockets are read before the next pulse is missed.
 */
const patience = 3

/**
 * Watches over the connections. Live from when both are up, all subscriptions are acknowledged and a pulse has come back, to
 * when one is lost or three pulses in a row did not come back: a connection may be half open, a Redis frozen, and after a
 * failover the two may have ended up at different ones.
 */
export function openRedisLink(options: RedisLinkOptions): RedisLink {
  return new WatchedLink(options)
}

class WatchedLink implements RedisLink {
  readonly #options: RedisLinkOptions
  readonly #lines: readonly RedisLine[]
  readonly #timer: NodeJS.Timeout
  readonly #stops: readonly (() => void)[]
  /** Of the present connections; the number of their pulses. */
  #attempt = 0
  #isSubscribed = false
  #isLive = false
  #isOver = false
  #unanswered = 0

  constructor(options: RedisLinkOptions) {
    this.#options = options
    const { redis, everyMs = 1000 } = options
    this.#lines = [redis.commands, redis.subscriptions]
    this.#stops = this.#lines.map((line) => line.onChange(() => void this.#begin()))
    this.#timer = setInterval(() => this.#beat(), everyMs)
    this.#timer.unref()
    void this.#begin()
  }

  get isLive(): boolean {
    return this.#isLive
  }

  heard(pulse: number): void {
    if (pulse !== this.#attempt || !this.#isSubscribed) return
    this.#unanswered = 0
    this.#become(true)
  }

  renew(): void {
    if (this.#isOver) return
    this.#forget()
    for (const line of this.#lines) line.renew()
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#isSubscribed = false
    this.#attempt += 1
    clearInterval(this.#timer)
    for (const stop of this.#stops) stop()
  }

  async #begin(): Promise<void> {
    this.#forget()
    const attempt = this.#attempt
    if (!this.#lines.every(({ isUp }) => isUp)) return
    const isAcknowledged = await this.#options.subscribeAgain().then(
      () => true,
      () => false,
    )
    if (attempt !== this.#attempt) return
    this.#isSubscribed = isAcknowledged
    if (isAcknowledged) this.#beat()
    else this.renew()
  }

  #beat(): void {
    if (!this.#isSubscribed) return
    if (this.#unanswered >= patience) {
      this.renew()
      return
    }
    this.#unanswered += 1
    this.#options.sendPulse(this.#attempt)
  }

  #forget(): void {
    this.#attempt += 1
    this.#isSubscribed = false
    this.#unanswered = 0
    this.#become(false)
  }

  #become(isLive: boolean): void {
    if (this.#isLive === isLive) return
    this.#isLive = isLive
    this.#options.onChange(isLive)
  }
}
