import type { Kysely } from 'kysely'
import type { SigningKeys } from '../../../ports/accounts/signing-keys.ts'
import type { Database } from '../schema.ts'

/** `SigningKeys` in the table `signing_keys`. */
export function sqlSigningKeys(db: Kysely<Database>): SigningKeys {
  return {
    async insert(key) {
      await db
        .insertInto('signing_keys')
        .values({
          kid: key.kid,
          state: key.state,
          public_jwk: key.publicJwk,
          private_sealed: key.privateSealed,
          created_at: key.createdAt,
          retired_at: key.retiredAt,
        })
        .execute()
    },

    async list() {
      const rows = await db.selectFrom('signing_keys').selectAll().orderBy('created_at').orderBy('kid').execute()
      return rows.map((row) => ({
        kid: row.kid,
        state: row.state,
        publicJwk: row.public_jwk,
        privateSealed: row.private_sealed,
        createdAt: row.created_at,
        retiredAt: row.retired_at,
      }))
    },

    async setState(kid, from, to, at) {
      const set = await db
        .updateTable('signing_keys')
        .set({ state: to, retired_at: to === 'RETIRED' ? at : null })
        .where('kid', '=', kid)
        .where('state', '=', from)
        .returning('kid')
        .executeTakeFirst()
      return set !== undefined
    },

    async remove(kid) {
      await db.deleteFrom('signing_keys').where('kid', '=', kid).execute()
    },

    async reseal(kid, privateSealed) {
      await db.updateTable('signing_keys').set({ private_sealed: privateSealed }).where('kid', '=', kid).execute()
    },
  }
}
