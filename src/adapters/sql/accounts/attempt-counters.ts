import type { Kysely } from 'kysely'
import type { AttemptCounters } from '../../../ports/accounts/attempt-counters.ts'
import type { Database } from '../schema.ts'

/** `AttemptCounters` in the table `attempt_counters`. */
export function sqlAttemptCounters(db: Kysely<Database>): AttemptCounters {
  return {
    async find(key) {
      const row = await db.selectFrom('attempt_counters').selectAll().where('name', '=', key).executeTakeFirst()
      return row === undefined ? null : { failures: row.failures, lastAt: row.last_at, blockedUntil: row.blocked_until }
    },

    async set(key, count) {
      const values = { failures: count.failures, last_at: count.lastAt, blocked_until: count.blockedUntil }
      await db
        .insertInto('attempt_counters')
        .values({ name: key, ...values })
        .onConflict((on) => on.column('name').doUpdateSet(values))
        .execute()
    },

    async remove(key) {
      await db.deleteFrom('attempt_counters').where('name', '=', key).execute()
    },

    async purge(before, limit) {
      const old = db
        .selectFrom('attempt_counters')
        .select('name')
        .where('last_at', '<', before)
        .orderBy('last_at')
        .limit(limit)
      const { numDeletedRows } = await db
        .deleteFrom('attempt_counters')
        .where('name', 'in', old)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}
