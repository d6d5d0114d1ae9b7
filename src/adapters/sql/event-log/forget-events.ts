import type { Kysely } from 'kysely'
import type { Database } from '../schema.ts'

/** So many events are over the number that is kept before they are forgotten: so not every event costs three statements. */
const spareEvents = 64

/** The most events that are forgotten at once: it holds up every other writer, for 2 to 10 ms. */
export const eventsAtOnce = 500

/** Forgets the topic's oldest events where `surplus` of them are more than are to be kept; at most `eventsAtOnce`. */
export async function forgetSurplus(db: Kysely<Database>, topic: string, surplus: number): Promise<void> {
  if (surplus < spareEvents) return
  await forgetEvents(db, topic, { limit: Math.min(surplus, eventsAtOnce), may: (until) => until !== null })
}

export interface Forgetting {
  /** The most events that are looked at. */
  readonly limit: number
  /** Whether an event may be forgotten that is kept until then, `null` for as long as its topic. */
  may(until: number | null): boolean
}

/**
 * Forgets the topic's events from the oldest on, up to the first that may not be forgotten: what is kept stays dense. Notes
 * when it is to be tidied next, and says how many went. Who calls it must hold the topic's row.
 */
export async function forgetEvents(db: Kysely<Database>, topic: string, { limit, may }: Forgetting): Promise<number> {
  const rows = await db
    .selectFrom('events')
    .select(['offset', 'keep_until'])
    .where('topic', '=', topic)
    .orderBy('offset')
    .limit(limit + 1)
    .execute()
  const stays = rows.findIndex(({ keep_until: until }, index) => index === limit || !may(until))
  const gone = stays === -1 ? rows : rows.slice(0, stays)
  const last = gone.at(-1)?.offset
  if (last !== undefined) await db.deleteFrom('events').where('topic', '=', topic).where('offset', '<=', last).execute()
  const next = stays === -1 ? null : (rows[stays]?.keep_until ?? null)
  await db
    .updateTable('topics')
    .set({ tidy_at: next, ...(last === undefined ? {} : { oldest: last + 1 }) })
    .where('name', '=', topic)
    .execute()
  return gone.length
}
