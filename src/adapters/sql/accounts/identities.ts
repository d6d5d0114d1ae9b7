import type { Kysely, Selectable } from 'kysely'
import type { Identities, IdentityRecord } from '../../../ports/accounts/identities.ts'
import type { Database } from '../schema.ts'

/** `Identities` in the table `identities`. */
export function sqlIdentities(db: Kysely<Database>): Identities {
  return {
    async insert(identity) {
      const inserted = await db
        .insertInto('identities')
        .values(identityRow(identity))
        .onConflict((on) => on.columns(['provider', 'subject']).doNothing())
        .returning('id')
        .executeTakeFirst()
      return inserted !== undefined
    },

    async find(provider, subject) {
      const row = await db
        .selectFrom('identities')
        .selectAll()
        .where('provider', '=', provider)
        .where('subject', '=', subject)
        .executeTakeFirst()
      return row === undefined ? null : toIdentity(row)
    },

    async of(userId) {
      const rows = await db
        .selectFrom('identities')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.map(toIdentity)
    },

    async touch(id, at) {
      await db
        .updateTable('identities')
        .set({ last_used_at: at })
        .where('id', '=', id)
        .where((on) => on.or([on('last_used_at', 'is', null), on('last_used_at', '<', at)]))
        .execute()
    },

    async remove(userId, id) {
      const removed = await db
        .deleteFrom('identities')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('id')
        .executeTakeFirst()
      return removed !== undefined
    },
  }
}

function identityRow(identity: IdentityRecord): Database['identities'] {
  return {
    id: identity.id,
    user_id: identity.userId,
    provider: identity.provider,
    subject: identity.subject,
    email: identity.email,
    created_at: identity.createdAt,
    last_used_at: identity.lastUsedAt,
  }
}

function toIdentity(row: Selectable<Database['identities']>): IdentityRecord {
  return {
    id: row.id,
    userId: row.user_id,
    provider: row.provider,
    subject: row.subject,
    email: row.email,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }
}
