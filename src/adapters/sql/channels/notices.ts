import type { Kysely, Selectable } from 'kysely'
import type { Notice, Notices } from '../../../ports/notices.ts'
import type { Database } from '../schema.ts'

/** `Notices` in the table `notices`. */
export function sqlNotices(db: Kysely<Database>): Notices {
  return {
    async insert({ publishedAt, ...notice }) {
      await db
        .insertInto('notices')
        .values({ ...notice, published_at: publishedAt })
        .execute()
    },

    async inForce(now, limit) {
      const rows = await db
        .selectFrom('notices')
        .selectAll()
        .where('until', '>', now)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toNotice)
    },

    async withdraw(id, now) {
      const ended = await db
        .updateTable('notices')
        .set({ until: now })
        .where('id', '=', id)
        .where('until', '>', now)
        .returning('id')
        .executeTakeFirst()
      return ended !== undefined
    },

    async purge(before, limit) {
      const over = db.selectFrom('notices').select('id').where('until', '<=', before).orderBy('until').limit(limit)
      const gone = await db.deleteFrom('notices').where('id', 'in', over).returning('id').execute()
      return gone.length
    },
  }
}

function toNotice({ published_at: publishedAt, ...row }: Selectable<Database['notices']>): Notice {
  return { id: row.id, text: row.text, severity: row.severity, publishedAt, until: row.until }
}
