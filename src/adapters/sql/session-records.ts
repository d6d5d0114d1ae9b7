import type { Kysely, Selectable } from 'kysely'
import type { AccountRecords, SessionRecord } from '../../ports/account-records.ts'
import type { Database } from './schema.ts'

export type SessionRecords = Pick<
  AccountRecords,
  'insertSession' | 'findSession' | 'sessionsOf' | 'touchSession' | 'endSession'
>

/** The sessions' part of `AccountRecords`, in the table `sessions`. */
export function sqlSessionRecords(db: Kysely<Database>): SessionRecords {
  return {
    async insertSession(session) {
      await db.insertInto('sessions').values(sessionRow(session)).execute()
    },

    async findSession(id) {
      const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toSession(row)
    },

    async sessionsOf(userId, now) {
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute()
      return rows.map(toSession)
    },

    async touchSession(id, at) {
      // Two requests at once, or two machines' clocks: the later time stays.
      await db
        .updateTable('sessions')
        .set({ last_used_at: at })
        .where('id', '=', id)
        .where('last_used_at', '<', at)
        .execute()
    },

    async endSession(id, at) {
      const ended = await db
        .updateTable('sessions')
        .set({ ended_at: at })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', at)
        .returning('id')
        .executeTakeFirst()
      return ended !== undefined
    },
  }
}

function sessionRow(session: SessionRecord): Database['sessions'] {
  return {
    id: session.id,
    user_id: session.userId,
    secret_hash: session.secretHash,
    delivery: session.delivery,
    assurance: session.assurance,
    authenticated_at: session.authenticatedAt,
    created_at: session.createdAt,
    last_used_at: session.lastUsedAt,
    expires_at: session.expiresAt,
    ended_at: session.endedAt,
    ip: session.ip,
    user_agent: session.userAgent,
  }
}

function toSession(row: Selectable<Database['sessions']>): SessionRecord {
  return {
    id: row.id,
    userId: row.user_id,
    secretHash: row.secret_hash,
    delivery: row.delivery,
    assurance: row.assurance === 2 ? 2 : 1,
    authenticatedAt: row.authenticated_at,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    ip: row.ip,
    userAgent: row.user_agent,
  }
}
