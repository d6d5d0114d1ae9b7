import { sql, type Kysely, type Selectable } from 'kysely'
import { authMethods } from '../../../core/auth-method.ts'
import type { AccountRecords, SessionRecord } from '../../../ports/accounts/account-records.ts'
import type { Database } from '../schema.ts'
import { nameList } from './text-list.ts'

type Lookups = Pick<AccountRecords, 'findSession' | 'sessionsOf'>

type Changes = Pick<AccountRecords, 'insertSession' | 'touchSession' | 'renewSession' | 'lowerAssurance'>

type Ends = Pick<AccountRecords, 'endSession' | 'endSessionsOf' | 'purgeSessions'>

/** The sessions' part of `AccountRecords`, in the table `sessions`. */
export function sqlSessionRecords(db: Kysely<Database>): Lookups & Changes & Ends {
  return { ...lookups(db), ...changes(db), ...ends(db) }
}

function lookups(db: Kysely<Database>): Lookups {
  return {
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
  }
}

function changes(db: Kysely<Database>): Changes {
  return {
    async insertSession(session) {
      await db.insertInto('sessions').values(sessionRow(session)).execute()
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

    async renewSession(id, generation, change) {
      // One that has expired stays expired, whatever its credentials are.
      const renewed = await db
        .updateTable('sessions')
        .set({
          generation: sql<number>`generation + 1`,
          secret_hash: change.secretHash,
          assurance: change.assurance,
          methods: JSON.stringify(change.methods),
          authenticated_at: change.authenticatedAt,
        })
        .where('id', '=', id)
        .where('generation', '=', generation)
        .where('ended_at', 'is', null)
        .returning('id')
        .executeTakeFirst()
      return renewed !== undefined
    },

    async lowerAssurance(userId) {
      await db
        .updateTable('sessions')
        .set({ assurance: 1 })
        .where('user_id', '=', userId)
        .where('assurance', '=', 2)
        .execute()
    },
  }
}

function ends(db: Kysely<Database>): Ends {
  const endLiving = (at: number) =>
    db
      .updateTable('sessions')
      .set({ ended_at: at })
      .where('ended_at', 'is', null)
      .where('expires_at', '>', at)
      .returning('id')

  return {
    async endSession(id, at) {
      return (await endLiving(at).where('id', '=', id).executeTakeFirst()) !== undefined
    },

    async endSessionsOf(userId, at, except) {
      const all = endLiving(at).where('user_id', '=', userId)
      const ended = await (except === null ? all : all.where('id', '!=', except)).execute()
      return ended.map(({ id }) => id)
    },

    async purgeSessions(before, limit) {
      const dead = db
        .selectFrom('sessions')
        .select('id')
        .where((on) => on.or([on('ended_at', '<', before), on('expires_at', '<', before)]))
        .limit(limit)
      const { numDeletedRows } = await db.deleteFrom('sessions').where('id', 'in', dead).executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

function sessionRow(session: SessionRecord): Database['sessions'] {
  return {
    id: session.id,
    user_id: session.userId,
    secret_hash: session.secretHash,
    generation: session.generation,
    delivery: session.delivery,
    assurance: session.assurance,
    methods: JSON.stringify(session.methods),
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
    generation: row.generation,
    delivery: row.delivery,
    assurance: row.assurance === 2 ? 2 : 1,
    methods: nameList(row.methods, authMethods),
    authenticatedAt: row.authenticated_at,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    ip: row.ip,
    userAgent: row.user_agent,
  }
}
