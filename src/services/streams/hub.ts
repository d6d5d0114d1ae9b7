import type { Bus } from '../../ports/bus.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import { Feed } from './feed.ts'
import { type LogPage, readEvents, readLogPage } from './log-page.ts'
import { type Repeat, repeatWithJitter } from './position-check.ts'
import { parseStart, type Start } from './start.ts'
import type { Hub, OpenStream, TopicStream } from './stream.ts'
import { TopicReader } from './topic-reader.ts'

export interface HubOptions {
  readonly store: Pick<Store, 'read' | 'write'>
  readonly bus: Bus
  readonly logger: Logger
  /** Calls the position check again and again until its result is called; by default every 10 to 25 s. */
  readonly repeat?: Repeat
}

/** The hub of this process: opens streams of topics, each topic listened to once. */
export function createHub(options: HubOptions): Hub {
  return new ProcessHub(options)
}

/** A feed with the number of streams that are open on it, or are being opened. */
interface Shared {
  readonly feed: Feed
  users: number
}

class ProcessHub implements Hub {
  readonly #options: HubOptions
  readonly #feeds = new Map<string, Shared>()
  readonly #stopChecks: () => void
  #closed = false

  constructor(options: HubOptions) {
    this.#options = options
    this.#stopChecks = (options.repeat ?? repeatWithJitter)(() => this.#checkPositions())
  }

  async open(stream: OpenStream): Promise<TopicStream> {
    this.#assertOpen()
    const { topic } = stream
    const start = parseStart(stream.resume)
    const shared = this.#acquire(topic)
    try {
      await shared.feed.ready
      const first = await this.#readPage(stream, start)
      this.#assertOpen()
      shared.feed.learn(first.head)
      return new TopicReader({
        feed: shared.feed,
        first,
        readMore: (after) => this.#readPage(stream, after),
        ended: () => this.#release(topic, shared),
      })
    } catch (error) {
      this.#release(topic, shared)
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#stopChecks()
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
    const readTail = (after: number) =>
      store.read(async (records) => ({
        head: await records.log.head(topic),
        events: await readEvents(records, topic, after),
      }))
    const shared = { feed: new Feed({ topic, bus, logger, readTail }), users: 1 }
    this.#feeds.set(topic, shared)
    return shared
  }

  #release(topic: string, shared: Shared): void {
    shared.users -= 1
    if (shared.users > 0) return
    if (this.#feeds.get(topic) === shared) this.#feeds.delete(topic)
    shared.feed.close(null)
  }

  async #readPage(stream: OpenStream, start: Start): Promise<LogPage> {
    const { store } = this.#options
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const page = await store.read((records) => readLogPage(records, stream, start))
      if (page !== null) return page
      await store.write(({ log }) => log.ensure(stream.topic))
    }
    throw new Error(`The topic ${stream.topic} was removed again and again.`)
  }

  /** Finds what the bus lost without a later event to show it: above all the last one of a log. */
  async #checkPositions(): Promise<void> {
    const topics = [...this.#feeds.keys()]
    if (topics.length === 0 || this.#closed) return
    try {
      const heads = await this.#options.store.read(({ log }) => log.heads(topics))
      for (const topic of topics) this.#feeds.get(topic)?.feed.compare(heads.get(topic) ?? null)
    } catch (error) {
      const message = 'The positions of the topics could not be compared with the log.'
      this.#options.logger.warn({ error: String(error) }, message)
    }
  }
}
