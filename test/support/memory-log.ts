import { newSecret } from '../../src/core/secrets.ts'
import type { EventBody, EventLog, LoggedEvent, LogHead } from '../../src/ports/event-log.ts'
import type { Records, Store } from '../../src/ports/store.ts'

interface Topic {
  epoch: string
  oldest: number
  closed: boolean
  events: LoggedEvent[]
  offset: number
}

export interface MemoryLogOptions {
  /** Awaited when a read is asked for, before it sees the log, and again before its result is given. */
  readonly delay?: (what: 'read begins' | 'read ends') => Promise<void>
}

/** A store that holds nothing but logs of events, for tests that decide themselves when a read sees what. */
export interface MemoryLog extends Pick<Store, 'read' | 'write'> {
  /** Commits an event; nobody is told of it. */
  append(topic: string, body: EventBody, options?: { readonly last?: boolean }): LoggedEvent
  trim(topic: string, upTo: number): void
  renewEpoch(topic: string): void
  remove(topic: string): void
  head(topic: string): LogHead | null
  /** How many reads were begun. */
  readonly reads: number
}

export function createMemoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const delay = options.delay ?? (async () => undefined)
  let topics = new Map<string, Topic>()
  let reads = 0

  function topicNamed(name: string): Topic {
    const topic = topics.get(name) ?? { epoch: newSecret(9), oldest: 1, closed: false, events: [], offset: 0 }
    topics.set(name, topic)
    return topic
  }

  const own: Pick<MemoryLog, 'append' | 'trim' | 'renewEpoch' | 'remove' | 'head'> = {
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
    remove(name) {
      topics.delete(name)
    },
    head: (name) => headOf(topics.get(name)),
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
      const result = await work(recordsOver(seen))
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

function headOf(topic: Topic | undefined): LogHead | null {
  if (topic === undefined) return null
  const { epoch, offset, oldest, closed } = topic
  return { epoch, offset, oldest, closed }
}

function recordsOver(topics: Map<string, Topic>): Records {
  const log: Pick<EventLog, 'head' | 'heads' | 'read' | 'ensure'> = {
    head: async (name) => headOf(topics.get(name)),
    async heads(names) {
      const found = names.flatMap((name) => {
        const head = headOf(topics.get(name))
        return head === null ? [] : [[name, head] as const]
      })
      return new Map(found)
    },
    async read(name, after, limit) {
      const topic = topics.get(name)
      const events = topic?.events.filter(({ offset }) => offset > after) ?? []
      return events.slice(0, limit).map((event) => ({ ...event, epoch: topic?.epoch ?? event.epoch }))
    },
    async ensure(name) {
      if (topics.has(name)) return
      topics.set(name, { epoch: newSecret(9), oldest: 1, closed: false, events: [], offset: 0 })
    },
  }
  // Streams use nothing else of the records.
  return { log } as Records
}
