import type { LogHead } from '../../ports/event-log.ts'
import type { Purged } from '../../ports/retention.ts'
import type { Records, Store } from '../../ports/store.ts'
import { jobTopic } from './job-log.ts'

/** The most events that one transaction removes: a job that ran for a day may have told of its progress 800,000 times. */
const maxEvents = 2000

/**
 * Forgets what `purge` forgets, with the jobs' topics, in one transaction. Where that would be a long one, it forgets no more
 * than events this time, in several short ones, and answers `null`: call it again.
 */
export async function forgetJobs(store: Store, purge: (records: Records) => Promise<Purged>): Promise<Purged | null> {
  try {
    return await store.write(async (records) => {
      const purged = await purge(records)
      const topics = purged.jobIds.map(jobTopic).toSorted()
      const heads = await records.log.heads(topics)
      // What was purged is there again then.
      if (sum([...heads.values()].map(eventsOf)) > maxEvents) throw new TooManyEvents(heads)
      for (const topic of topics) await records.log.remove(topic)
      return purged
    })
  } catch (error) {
    if (!(error instanceof TooManyEvents)) throw error
    for (const [topic, head] of error.heads) await shorten(store, topic, head)
    return null
  }
}

/** Forgets a topic as a whole, in several short transactions where it is long. */
export async function forgetTopic(store: Store, topic: string): Promise<void> {
  const { head, blanks } = await store.read(async ({ log }) => ({
    head: await log.head(topic),
    blanks: await log.blanks(),
  }))
  if (blanks.includes(head.epoch)) return
  if (eventsOf(head) > maxEvents) await shorten(store, topic, head)
  await store.write(({ log }) => log.remove(topic))
}

/** Ends a transaction that would take too long. */
class TooManyEvents extends Error {
  readonly heads: ReadonlyMap<string, LogHead>

  constructor(heads: ReadonlyMap<string, LogHead>) {
    super('There are too many events to be removed at once.')
    this.heads = heads
  }
}

async function shorten(store: Store, topic: string, { oldest, offset }: LogHead): Promise<void> {
  for (let upTo = oldest - 1; upTo < offset;) {
    upTo = Math.min(upTo + maxEvents, offset)
    const limit = upTo
    await store.write(({ log }) => log.trim(topic, limit))
  }
}

function eventsOf({ oldest, offset }: LogHead): number {
  return offset - oldest + 1
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
