import { newSecret } from '../../src/core/secrets.ts'
import type { EventBody, EventLog, LoggedEvent, LogHead } from '../../src/ports/event-log.ts'
import type { Records, Store } from '../../src/ports/store.ts'

interface Topic {
  epoch: string
  oldest: number
  closed: boolean
  events: LoggedEvent[]
  offset: number
  /** Until when a topic on demand stays; `null` for one that stays for ever. */
  wantedUntil: number | null
}

interface Topics {
  /** The epoch of all topics without a row. */
  blank: string
  readonly rows: Map<string, Topic>
}

export interface MemoryLogOptions {
  /** Awaited when a read is asked for, before it sees the log, and again before its result is given. */
  readonly delay?: (what: 'read begins' | 'read ends') => Promise<void>
  /** Hears which topics are compared. */
  readonly heads?: (topics: readonly string[]) => void
}

/** A store that holds nothing but logs of events, for tests that decide themselves when a read sees what. */
export interface MemoryLog extends Pick<Store, 'read' | 'write'> {
  /** Commits an event; nobody is told of it. */
  append(topic: string, body: EventBody, options?: { readonly last?: boolean }): LoggedEvent
  trim(topic: string, upTo: number): void
  renewEpoch(topic: string): void
  /** Of the topics that have no row. */
  renewBlankEpoch(): void
  remove(topic: string): void
  head(topic: string): LogHead
  has(topic: string): boolean
  /** Until when a topic on demand is wanted; `null` where nobody asked for it. */
  wantedUntil(topic: string): number | null
  /** How many reads were begun. */
  readonly reads: number
}

export function createMemoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const delay = options.delay ?? (async () => undefined)
  let topics: Topics = { blank: newSecret(9), rows: new Map() }
  let reads = 0

  function topicNamed(name: string): Topic {
    const topic = topics.rows.get(name) ?? newTopic(null)
    topics.rows.set(name, topic)
    return topic
  }

  const own: Omit<MemoryLog, 'read' | 'write' | 'reads'> = {
    append(name, body, { last = false } = {}) {
      const topic = topicNamed(name)
      if (topic.closed) throw new TypeError(`The topic ${name} is closed.`)
      topic.offset += 1
      topic.closed = last
      const event = { topic: name, epoch: topic.epoch, offset: topic.offset, body, last }
      topic.events.push(event)
      return event
    },
    trim(name, upTo) {
      const topic = topicNamed(name)
      topic.oldest = Math.max(topic.oldest, Math.min(upTo, topic.offset) + 1)
      topic.events = topic.events.filter(({ offset }) => offset >= topic.oldest)
    },
    renewEpoch(name) {
      topicNamed(name).epoch = newSecret(9)
    },
    renewBlankEpoch() {
      topics.blank = newSecret(9)
    },
    remove(name) {
      topics.rows.delete(name)
    },
    head: (name) => headOf(topics, name),
    has: (name) => topics.rows.has(name),
    wantedUntil: (name) => topics.rows.get(name)?.wantedUntil ?? null,
  }

  return {
    ...own,
    get reads() {
      return reads
    },
    async read(work) {
      reads += 1
      await delay('read begins')
      const seen = structuredClone(topics)
      const result = await work(recordsOver(seen, options.heads))
      await delay('read ends')
      return result
    },
    async write(work) {
      await delay('read begins')
      const changed = structuredClone(topics)
      const result = await work(recordsOver(changed))
      topics = changed
      return result
    },
  }
}

function newTopic(wantedUntil: number | null): Topic {
  return { epoch: newSecret(9), oldest: 1, closed: false, events: [], offset: 0, wantedUntil }
}

function headOf({ blank, rows }: Topics, name: string): LogHead {
  const { epoch, offset, oldest, closed } = rows.get(name) ?? { ...newTopic(null), epoch: blank }
  return { epoch, offset, oldest, closed }
}

function recordsOver(topics: Topics, onHeads: MemoryLogOptions['heads'] = () => undefined): Records {
  const { rows } = topics
  const log: Pick<EventLog, 'head' | 'heads' | 'blanks' | 'read' | 'ensure'> = {
    head: async (name) => headOf(topics, name),
    async heads(names) {
      onHeads(names)
      return new Map(names.map((name) => [name, headOf(topics, name)]))
    },
    blanks: async () => [topics.blank],
    async read(name, after, limit) {
      const topic = rows.get(name)
      const events = topic?.events.filter(({ offset }) => offset > after) ?? []
      return events.slice(0, limit).map((event) => ({ ...event, epoch: topic?.epoch ?? event.epoch }))
    },
    async ensure(name, until) {
      const topic = rows.get(name)
      if (topic === undefined) rows.set(name, newTopic(until))
      else if (topic.wantedUntil !== null) topic.wantedUntil = Math.max(topic.wantedUntil, until)
    },
  }
  // Streams use nothing else of the records.
  return { log } as Records
}
