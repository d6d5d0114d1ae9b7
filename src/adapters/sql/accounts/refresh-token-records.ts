import type { Kysely, Selectable } from 'kysely'
import type { AccountRecords, RefreshTokenRecord } from '../../../ports/accounts/account-records.ts'
import type { Database } from '../schema.ts'

type RefreshTokenRecords = Pick<
  AccountRecords,
  'insertRefreshToken' | 'findRefreshToken' | 'retireRefreshToken' | 'retireRefreshTokensOf' | 'forgetSuccessors'
>

/** The refresh tokens' part of `AccountRecords`, in the table `refresh_tokens`. */
export function sqlRefreshTokenRecords(db: Kysely<Database>): RefreshTokenRecords {
  return {
    async insertRefreshToken(token) {
      await db.insertInto('refresh_tokens').values(tokenRow(token)).execute()
    },

    async findRefreshToken(id) {
      const row = await db.selectFrom('refresh_tokens').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toToken(row)
    },

    async retireRefreshToken(id, { retiredAt, successorId, successorSealed }) {
      const retired = await db
        .updateTable('refresh_tokens')
        .set({ retired_at: retiredAt, successor_id: successorId, successor_sealed: successorSealed })
        .where('id', '=', id)
        .where('retired_at', 'is', null)
        .returning('id')
        .executeTakeFirst()
      return retired !== undefined
    },

    async retireRefreshTokensOf(sessionId, at) {
      await db
        .updateTable('refresh_tokens')
        .set({ retired_at: at })
        .where('session_id', '=', sessionId)
        .where('retired_at', 'is', null)
        .execute()
    },

    async forgetSuccessors(before) {
      await db
        .updateTable('refresh_tokens')
        .set({ successor_sealed: null })
        .where('retired_at', '<', before)
        .where('successor_sealed', 'is not', null)
        .execute()
    },
  }
}

function tokenRow(token: RefreshTokenRecord): Database['refresh_tokens'] {
  return {
    id: token.id,
    session_id: token.sessionId,
    secret_hash: token.secretHash,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    retired_at: token.retiredAt,
    successor_sealed: token.successorSealed,
    successor_id: token.successorId,
  }
}

function toToken(row: Selectable<Database['refresh_tokens']>): RefreshTokenRecord {
  return {
    id: row.id,
    sessionId: row.session_id,
    secretHash: row.secret_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    retiredAt: row.retired_at,
    successorSealed: row.successor_sealed,
    successorId: row.successor_id,
  }
}
