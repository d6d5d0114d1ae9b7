import { sql, type Kysely, type Selectable } from 'kysely'
import { scopes } from '../../../core/principal.ts'
import type { ApiKeyRecord, ApiKeys } from '../../../ports/accounts/api-keys.ts'
import type { Database } from '../schema.ts'
import { nameList, textList } from './text-list.ts'

/** `ApiKeys` in the table `api_keys`. */
export function sqlApiKeys(db: Kysely<Database>): ApiKeys {
  return { ...lookups(db), ...changes(db) }
}

function lookups(db: Kysely<Database>): Pick<ApiKeys, 'find' | 'of'> {
  return {
    async find(id) {
      const row = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toApiKey(row)
    },

    async of(userId, now) {
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .where((on) => on.or([on('expires_at', 'is', null), on('expires_at', '>', now)]))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute()
      return rows.map(toApiKey)
    },
  }
}

function changes(db: Kysely<Database>): Omit<ApiKeys, 'find' | 'of'> {
  const revokeLiving = (userId: string, at: number) =>
    db
      .updateTable('api_keys')
      .set({ revoked_at: at })
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .where((on) => on.or([on('expires_at', 'is', null), on('expires_at', '>', at)]))
      .returning('id')

  return {
    async insert(key) {
      await db.insertInto('api_keys').values(apiKeyRow(key)).execute()
    },

    async revoke(userId, id, at) {
      return (await revokeLiving(userId, at).where('id', '=', id).executeTakeFirst()) !== undefined
    },

    async revokeAll(userId, at) {
      return (await revokeLiving(userId, at).execute()).map(({ id }) => id)
    },

    async replace(userId, id, successorId, expiresAt) {
      // An end that was set before comes first: the overlap gives no key a longer life.
      const end = sql<number>`case when expires_at < ${expiresAt} then expires_at else ${expiresAt} end`
      const replaced = await db
        .updateTable('api_keys')
        .set({ successor_id: successorId, expires_at: end })
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('successor_id', 'is', null)
        .where('revoked_at', 'is', null)
        .returning('id')
        .executeTakeFirst()
      return replaced !== undefined
    },

    async touch(uses) {
      for (const [id, at] of uses) {
        await db
          .updateTable('api_keys')
          .set({ last_used_at: at })
          .where('id', '=', id)
          .where((on) => on.or([on('last_used_at', 'is', null), on('last_used_at', '<', at)]))
          .execute()
      }
    },

    async purge(before, limit) {
      const dead = db
        .selectFrom('api_keys')
        .select('id')
        .where((on) => on.or([on('revoked_at', '<', before), on('expires_at', '<', before)]))
        .limit(limit)
      const { numDeletedRows } = await db.deleteFrom('api_keys').where('id', 'in', dead).executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

function apiKeyRow(key: ApiKeyRecord): Database['api_keys'] {
  return {
    id: key.id,
    user_id: key.userId,
    name: key.name,
    secret_hash: key.secretHash,
    last_four: key.lastFour,
    scopes: JSON.stringify(key.scopes),
    allowed_ips: JSON.stringify(key.allowedIps),
    requests_per_minute: key.requestsPerMinute,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
    successor_id: key.successorId,
  }
}

function toApiKey(row: Selectable<Database['api_keys']>): ApiKeyRecord {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    secretHash: row.secret_hash,
    lastFour: row.last_four,
    scopes: nameList(row.scopes, scopes),
    allowedIps: textList(row.allowed_ips),
    requestsPerMinute: row.requests_per_minute,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    successorId: row.successor_id,
  }
}
