import { sql, type Kysely, type Selectable } from 'kysely'
import type { MailOutbox, WaitingMail } from '../../../ports/accounts/mail-outbox.ts'
import type { Database } from '../schema.ts'

/** `MailOutbox` in the table `mails`. */
export function sqlMailOutbox(db: Kysely<Database>): MailOutbox {
  return {
    async insert(mail) {
      await db
        .insertInto('mails')
        .values({
          id: mail.id,
          sealed: mail.sealed,
          created_at: mail.createdAt,
          send_at: mail.sendAt,
          attempts: mail.attempts,
        })
        .execute()
    },

    async count() {
      const row = await db
        .selectFrom('mails')
        .select((on) => on.fn.countAll().as('mails'))
        .executeTakeFirst()
      return Number(row?.mails ?? 0)
    },

    async claim(now, leaseUntil, limit) {
      const due = db
        .selectFrom('mails')
        .select('id')
        .where('send_at', '<=', now)
        .orderBy('send_at')
        .orderBy('id')
        .limit(limit)
      const rows = await db
        .updateTable('mails')
        .set({ send_at: leaseUntil, attempts: sql<number>`attempts + 1` })
        .where('id', 'in', due)
        // Once more: who waited for another's claim must see that it was made.
        .where('send_at', '<=', now)
        .returningAll()
        .execute()
      // RETURNING promises no order.
      return rows.map(toMail).toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
    },

    async putOff(id, sendAt) {
      await db.updateTable('mails').set({ send_at: sendAt }).where('id', '=', id).execute()
    },

    async remove(id) {
      await db.deleteFrom('mails').where('id', '=', id).execute()
    },

    async list() {
      return (await db.selectFrom('mails').selectAll().orderBy('created_at').orderBy('id').execute()).map(toMail)
    },

    async reseal(id, sealed) {
      await db.updateTable('mails').set({ sealed }).where('id', '=', id).execute()
    },
  }
}

function toMail(row: Selectable<Database['mails']>): WaitingMail {
  return {
    id: row.id,
    sealed: row.sealed,
    createdAt: row.created_at,
    sendAt: row.send_at,
    attempts: row.attempts,
  }
}
