import { setTimeout as sleep } from 'node:timers/promises'
import type { LineState } from '../line-state.ts'
import type { Peer } from '../peer.ts'
import { maxChannels } from './bus-lane.ts'

/** A channel that is listened to here. A new one each time that somebody begins to. */
interface Wanted {
  isAcknowledged: boolean
  /** Resolves when it is acknowledged, or the bus is found to be cut. */
  readonly settled: PromiseWithResolvers<void>
}

export interface BusSubscriptionsOptions {
  readonly peer: Peer
  readonly line: LineState
  /** Within which the primary must acknowledge a subscription, ms. */
  readonly deadlineMs: number
  /** Between two attempts to get through to it, ms. */
  readonly retryMs: number
  /** Hears when `isLive` changes. */
  onChange(isLive: boolean): void
}

/** The channels of a member that the primary has to know of, and whether it does. */
export class BusSubscriptions implements Disposable {
  readonly #options: BusSubscriptionsOptions
  readonly #wanted = new Map<string, Wanted>()
  /** Channels that the primary could not be told are not wanted any more. */
  readonly #untold = new Set<string>()
  readonly #stopListening: () => void
  readonly #closed = new AbortController()
  #isLive: boolean
  /** Counts the attempts to get through: one that is overtaken by another stops. */
  #attempt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: BusSubscriptionsOptions) {
    this.#options = options
    const { peer, line } = options
    this.#isLive = line.isLive && !peer.closed.aborted
    this.#stopListening = line.onChange((isLive) => {
      if (!isLive) this.#cut()
      else if (!this.#isLive) void this.#getThrough()
    })
    peer.closed.addEventListener('abort', () => this[Symbol.dispose]())
  }

  get isLive(): boolean {
    return this.#isLive
  }

  /** Resolves once the primary knows that the channel is wanted, or nothing is known of the primary. */
  async want(channel: string): Promise<void> {
    const known = this.#wanted.get(channel)
    const wanted = known ?? { isAcknowledged: false, settled: Promise.withResolvers<void>() }
    this.#wanted.set(channel, wanted)
    if (!this.#isLive) return
    if (known === undefined) void this.#ask(channel, wanted)
    await wanted.settled.promise
  }

  /** The last listener of the channel is gone. */
  drop(channel: string): void {
    const wanted = this.#wanted.get(channel)
    if (wanted === undefined) return
    this.#wanted.delete(channel)
    wanted.settled.resolve()
    if (!this.#options.peer.notify('bus.unsubscribe', [channel])) this.#tellLater(channel)
  }

  /** Tells the primary that none is wanted. */
  [Symbol.dispose](): void {
    this.#closed.abort()
    this.#stopListening()
    clearTimeout(this.#timer)
    const channels = [...this.#wanted.keys()]
    this.#cut()
    this.#wanted.clear()
    for (let start = 0; start < channels.length; start += maxChannels) {
      this.#options.peer.notify('bus.unsubscribe', channels.slice(start, start + maxChannels))
    }
  }

  #cut(): void {
    this.#attempt += 1
    for (const { settled } of this.#wanted.values()) settled.resolve()
    this.#become(false)
  }

  async #ask(channel: string, wanted: Wanted): Promise<void> {
    if ((await this.#subscribe([[channel, wanted]])) || wanted.isAcknowledged || !this.#isLive) return
    // The primary does not answer although the line stands: that is no better than a line that is down.
    this.#cut()
    if (!this.#closed.signal.aborted && this.#options.line.isLive) void this.#getThrough()
  }

  /** Has everything that is wanted acknowledged, however often it must be asked for; then the bus is live. */
  async #getThrough(): Promise<void> {
    const { retryMs } = this.#options
    this.#attempt += 1
    const attempt = this.#attempt
    const isOver = () => attempt !== this.#attempt || this.#closed.signal.aborted
    let isThrough = false
    while (!isThrough && !isOver()) {
      // Asked although nothing may be missing: the answer is what shows that messages come through.
      const isAnswered = await this.#subscribe(this.#missing())
      isThrough = isAnswered && this.#missing().length === 0
      if (!isAnswered && !isOver())
        await sleep(retryMs, undefined, { signal: this.#closed.signal }).catch(() => undefined)
    }
    if (!isOver()) this.#become(true)
  }

  #missing(): (readonly [string, Wanted])[] {
    return [...this.#wanted].filter(([, { isAcknowledged }]) => !isAcknowledged).slice(0, maxChannels)
  }

  async #subscribe(wanted: readonly (readonly [string, Wanted])[]): Promise<boolean> {
    const { peer, deadlineMs } = this.#options
    const channels = wanted.map(([channel]) => channel)
    try {
      await peer.request('bus.subscribe', channels, { deadlineMs })
    } catch {
      return false
    }
    for (const [, each] of wanted) {
      each.isAcknowledged = true
      each.settled.resolve()
    }
    return true
  }

  #tellLater(channel: string): void {
    if (this.#closed.signal.aborted) return
    this.#untold.add(channel)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const untold = [...this.#untold]
      this.#untold.clear()
      for (const each of untold) {
        if (!this.#wanted.has(each) && !this.#options.peer.notify('bus.unsubscribe', [each])) this.#tellLater(each)
      }
    }, this.#options.retryMs)
  }

  #become(isLive: boolean): void {
    if (this.#isLive === isLive) return
    this.#isLive = isLive
    this.#options.onChange(isLive)
  }
}
