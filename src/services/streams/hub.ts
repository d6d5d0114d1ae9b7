import { type Clock, systemClock } from '../../core/clock.ts'
import type { Position } from '../../core/cursor.ts'
import type { Bus } from '../../ports/bus.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import { Feed } from './feed.ts'
import { createInterest, type Interest } from './interest.ts'
import { type LogPage, readLogTail } from './log-page.ts'
import { lookWhileNotLive } from './outage-check.ts'
import { createPageReads, type PageReads } from './page-reads.ts'
import { type Repeat, repeatWithJitter } from './position-check.ts'
import { recentBudgetBytes, type RecentBudget, RecentEvents } from './recent-events.ts'
import { parseStart, type Start } from './start.ts'
import type { Hub, OpenStream, TopicStream } from './stream.ts'
import { TopicReader } from './topic-reader.ts'

export interface HubOptions {
  readonly store: Pick<Store, 'read' | 'write'>
  readonly bus: Bus
  readonly logger: Logger
  /** By default the system's. */
  readonly clock?: Clock
  /** Calls the position check again and again until its result is called; by default every 10 to 25 s. */
  readonly repeat?: Repeat
  /** The same while the bus is not live; by default about every half second. */
  readonly repeatInOutage?: Repeat
}

/** What is told when it fails. */
const comparing = 'The positions of the topics could not be compared with the log.'

/** The most topics that are compared with the log in one read. */
const maxCompared = 500

/** The hub of this process: opens streams of topics, each topic listened to once. */
export function createHub(options: HubOptions): Hub {
  return new ProcessHub(options)
}

/** What the streams of a topic have in common, with the number of those that are open, or are being opened. */
interface Shared {
  readonly feed: Feed
  readonly reads: PageReads
  readonly recent: RecentEvents
  users: number
}

class ProcessHub implements Hub {
  readonly #options: HubOptions
  readonly #feeds = new Map<string, Shared>()
  readonly #interest: Interest
  readonly #recentBudget: RecentBudget = { left: recentBudgetBytes }
  readonly #stopChecks: () => void
  readonly #stopOutageChecks: () => void
  /** The topics that are still to be compared in this round while the bus is not live. */
  #uncompared: string[] = []
  #closed = false

  constructor(options: HubOptions) {
    this.#options = options
    this.#interest = createInterest(options.store, options.clock ?? systemClock)
    this.#stopChecks = (options.repeat ?? repeatWithJitter)(() => this.#check())
    this.#stopOutageChecks = lookWhileNotLive({
      bus: options.bus,
      look: () => this.#attempt(comparing, () => this.#compareSome()),
      lookAtAll: () => this.#attempt(comparing, () => this.#compareAll()),
      ...(options.repeatInOutage === undefined ? {} : { repeat: options.repeatInOutage }),
    })
  }

  async open(stream: OpenStream): Promise<TopicStream> {
    this.#assertOpen()
    const { topic } = stream
    const start = parseStart(stream.resume)
    const shared = this.#acquire(topic)
    try {
      await shared.feed.ready
      const first = await this.#readPage(shared, stream, start)
      this.#assertOpen()
      shared.feed.learn(first.head)
      return new TopicReader(first, {
        feed: shared.feed,
        readMore: (after) => this.#readPage(shared, stream, after),
        ended: () => this.#release(shared),
      })
    } catch (error) {
      this.#release(shared)
      throw error
    }
  }

  isOpen(topic: string): boolean {
    return this.#feeds.has(topic)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#stopChecks()
    this.#stopOutageChecks()
    for (const { feed } of this.#feeds.values()) feed.close(new Error('The hub is closed.'))
    this.#feeds.clear()
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('The hub is closed.')
  }

  #acquire(topic: string): Shared {
    const known = this.#feeds.get(topic)
    if (known !== undefined) {
      known.users += 1
      return known
    }
    const { store, bus, logger } = this.#options
    const readTail = (after: Position) => store.read(({ log }) => readLogTail(log, topic, after))
    const recent = new RecentEvents(this.#recentBudget)
    const reads = createPageReads(store, topic, recent)
    const shared = { feed: new Feed({ topic, bus, logger, recent, readTail }), reads, recent, users: 1 }
    this.#feeds.set(topic, shared)
    return shared
  }

  #release(shared: Shared): void {
    shared.users -= 1
    if (shared.users > 0) return
    const { topic } = shared.feed
    if (this.#feeds.get(topic) === shared) {
      this.#feeds.delete(topic)
      this.#interest.lose(topic)
    }
    shared.recent.close()
    shared.feed.close(null)
  }

  async #readPage({ reads }: Shared, stream: OpenStream, start: Start): Promise<LogPage> {
    if (stream.onDemand === true) await this.#interest.show(stream.topic)
    return reads.read(stream, start)
  }

  async #check(): Promise<void> {
    if (this.#closed) return
    await this.#attempt('The log could not be told which topics are wanted.', () => this.#interest.renew())
    for (const { recent } of this.#feeds.values()) recent.sweep()
    await this.#attempt(comparing, () => this.#compareAll())
  }

  /** Finds what the bus lost without a later event to show it: above all the last one of a log. */
  async #compareAll(): Promise<void> {
    const topics = [...this.#feeds.keys()]
    for (let start = 0; start < topics.length; start += maxCompared)
      await this.#compare(topics.slice(start, start + maxCompared))
  }

  /** The same in small steps: with so many topics that one read does not do, each has its turn. */
  async #compareSome(): Promise<void> {
    if (this.#uncompared.length === 0) this.#uncompared = [...this.#feeds.keys()]
    await this.#compare(this.#uncompared.splice(0, maxCompared))
  }

  async #compare(topics: readonly string[]): Promise<void> {
    const open = topics.filter((topic) => this.#feeds.has(topic))
    if (open.length === 0) return
    const heads = await this.#options.store.read(({ log }) => log.heads(open))
    for (const [topic, head] of heads) this.#feeds.get(topic)?.feed.compare(head)
  }

  /** What fails is tried again at the next check. */
  async #attempt(message: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.logger.warn({ error: String(error) }, message)
    }
  }
}
