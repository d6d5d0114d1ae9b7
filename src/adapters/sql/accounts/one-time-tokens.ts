import { sql, type Kysely, type Selectable } from 'kysely'
import type { OneTimeTokenRecord, OneTimeTokens } from '../../../ports/accounts/one-time-tokens.ts'
import type { Database } from '../schema.ts'

/** `OneTimeTokens` in the table `one_time_tokens`. */
export function sqlOneTimeTokens(db: Kysely<Database>): OneTimeTokens {
  return { ...lookups(db), ...changes(db) }
}

function lookups(db: Kysely<Database>): Pick<OneTimeTokens, 'find' | 'open'> {
  return {
    async find(id) {
      const row = await db.selectFrom('one_time_tokens').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toToken(row)
    },

    async open(purpose, now, limit) {
      const rows = await db
        .selectFrom('one_time_tokens')
        .selectAll()
        .where('user_id', 'is', null)
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toToken)
    },
  }
}

function changes(db: Kysely<Database>): Omit<OneTimeTokens, 'find' | 'open'> {
  /** The token while it can be used. */
  const updateUsable = (id: string, now: number) =>
    db.updateTable('one_time_tokens').where('id', '=', id).where('used_at', 'is', null).where('expires_at', '>', now)

  return {
    async insert(token) {
      await db.insertInto('one_time_tokens').values(tokenRow(token)).execute()
    },

    async take(id, now) {
      const row = await updateUsable(id, now).set({ used_at: now }).returningAll().executeTakeFirst()
      return row === undefined ? null : toToken(row)
    },

    async countAttempt(id, max, now) {
      const counted = await updateUsable(id, now)
        .set({ attempts: sql<number>`attempts + 1` })
        .where('attempts', '<', max)
        .returning('id')
        .executeTakeFirst()
      return counted !== undefined
    },

    async voidAll(userId, purpose, now) {
      await db
        .updateTable('one_time_tokens')
        .set({ used_at: now })
        .where('user_id', '=', userId)
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .execute()
    },

    async purge(before, limit) {
      const old = db
        .selectFrom('one_time_tokens')
        .select('id')
        .where('expires_at', '<', before)
        .orderBy('expires_at')
        .limit(limit)
      const { numDeletedRows } = await db.deleteFrom('one_time_tokens').where('id', 'in', old).executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

function tokenRow(token: OneTimeTokenRecord): Database['one_time_tokens'] {
  return {
    id: token.id,
    purpose: token.purpose,
    secret_hash: token.secretHash,
    user_id: token.userId,
    bound_to: token.boundTo,
    data: token.data,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    used_at: token.usedAt,
    attempts: token.attempts,
  }
}

function toToken(row: Selectable<Database['one_time_tokens']>): OneTimeTokenRecord {
  return {
    id: row.id,
    purpose: row.purpose,
    secretHash: row.secret_hash,
    userId: row.user_id,
    boundTo: row.bound_to,
    data: row.data,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    attempts: row.attempts,
  }
}
