import { type Kysely, sql } from 'kysely'
import type { Database } from '../schema.ts'
import { blank, changeBlank } from './blank-epochs.ts'
import { eventsAtOnce, forgetEvents } from './forget-events.ts'
import { trimTopic } from './trim-topic.ts'

/**
 * Forgets what may be forgotten by now, of at most `limit` topics and at most `eventsAtOnce` events, and says of how many
 * topics; 0 when nothing is left.
 */
export async function tidyTopics(db: Kysely<Database>, now: number, limit: number): Promise<number> {
  const unwanted = await findUnwanted(db, now, limit)
  const due = await findDue(db, now, limit)
  // The blank epoch first: no topic is removed while one is honoured that is older than it may be.
  const first = (await isBlankDue(db, now)) ? [blank] : []
  const found = [...new Set([...first, ...unwanted, ...due])].slice(0, limit)
  let left = eventsAtOnce
  let tidied = 0
  // In the order in which events are appended to several topics.
  for (const topic of found.toSorted()) {
    if (left <= 0) break
    const isUnwanted = unwanted.includes(topic)
    left -= await (isUnwanted ? removeUnwanted(db, topic, { now, left }) : tidyDue(db, topic, { now, left }))
    tidied += 1
  }
  return tidied
}

interface Bounds {
  readonly now: number
  /** How many events may still be forgotten. */
  readonly left: number
}

async function findUnwanted(db: Kysely<Database>, now: number, limit: number): Promise<readonly string[]> {
  const query = db.selectFrom('topics').select('name').where('wanted_until', '<=', now)
  return (await query.orderBy('wanted_until').limit(limit).execute()).map(({ name }) => name)
}

async function isBlankDue(db: Kysely<Database>, now: number): Promise<boolean> {
  const query = db.selectFrom('topics').select('name').where('name', '=', blank).where('tidy_at', '<=', now)
  return (await query.executeTakeFirst()) !== undefined
}

async function findDue(db: Kysely<Database>, now: number, limit: number): Promise<readonly string[]> {
  const query = db.selectFrom('topics').select('name').where('tidy_at', '<=', now)
  return (await query.orderBy('tidy_at').limit(limit).execute()).map(({ name }) => name)
}

/** The topic as a whole, if it has few events; otherwise so many of them, and the rest another time. */
async function removeUnwanted(db: Kysely<Database>, topic: string, { now, left }: Bounds): Promise<number> {
  // Takes hold of the row: from here on nobody appends, and nobody wants it again.
  const held = await db
    .updateTable('topics')
    .set({ wanted_until: sql<number>`wanted_until` })
    .where('name', '=', topic)
    .where('wanted_until', '<=', now)
    .returning(['head', 'oldest'])
    .executeTakeFirst()
  if (held === undefined) return 0
  const events = held.head - held.oldest + 1
  if (events <= left) await db.deleteFrom('topics').where('name', '=', topic).execute()
  else await trimTopic(db, topic, held.oldest + left - 1)
  return Math.min(events, left)
}

async function tidyDue(db: Kysely<Database>, topic: string, { now, left }: Bounds): Promise<number> {
  const held = await db
    .updateTable('topics')
    .set({ tidy_at: sql<number>`tidy_at` })
    .where('name', '=', topic)
    .where('tidy_at', '<=', now)
    .returning('tidy_at')
    .executeTakeFirst()
  if (held === undefined) return 0
  if (topic === blank) {
    await changeBlank(db, now, held.tidy_at ?? now)
    return 0
  }
  return forgetEvents(db, topic, { limit: left, may: (until) => until !== null && until <= now })
}
