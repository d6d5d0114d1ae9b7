import { type Kysely, sql } from 'kysely'
import type { Database } from '../schema.ts'

/** Forgets the topic's events up to and including the offset; at most all that there are. */
export async function trimTopic(db: Kysely<Database>, topic: string, upTo: number): Promise<void> {
  await db.deleteFrom('events').where('topic', '=', topic).where('offset', '<=', upTo).execute()
  // Never beyond the head: the next event would count as forgotten before it is there.
  const oldest = sql<number>`case when head < ${upTo} then head + 1 else ${upTo} + 1 end`
  await db.updateTable('topics').set({ oldest }).where('name', '=', topic).where('oldest', '<=', upTo).execute()
}
