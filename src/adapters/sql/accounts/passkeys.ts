import type { Kysely, Selectable } from 'kysely'
import type { PasskeyRecord, PasskeyRecords } from '../../../ports/accounts/passkeys.ts'
import type { Database } from '../schema.ts'
import { textList } from './text-list.ts'

type Lookups = Pick<PasskeyRecords, 'findByCredentialId' | 'userOfHandle' | 'of'>

/** `PasskeyRecords` in the table `passkeys`; the handles stand with the users. */
export function sqlPasskeyRecords(db: Kysely<Database>): PasskeyRecords {
  return { ...lookups(db), ...changes(db) }
}

function lookups(db: Kysely<Database>): Lookups {
  const passkeys = () => db.selectFrom('passkeys').selectAll()
  return {
    async findByCredentialId(credentialId) {
      const row = await passkeys().where('credential_id', '=', credentialId).executeTakeFirst()
      return row === undefined ? null : toPasskey(row)
    },

    async userOfHandle(handle) {
      const row = await db.selectFrom('users').select('id').where('handle', '=', handle).executeTakeFirst()
      return row?.id ?? null
    },

    async of(userId) {
      const rows = await passkeys().where('user_id', '=', userId).orderBy('created_at').orderBy('id').execute()
      return rows.map(toPasskey)
    },
  }
}

function changes(db: Kysely<Database>): Omit<PasskeyRecords, keyof Lookups> {
  return {
    async insert(passkey) {
      const inserted = await db
        .insertInto('passkeys')
        .values(passkeyRow(passkey))
        .onConflict((on) => on.column('credential_id').doNothing())
        .returning('id')
        .executeTakeFirst()
      return inserted !== undefined
    },

    async use(id, from, { counter, backedUp, lastUsedAt }) {
      const used = await db
        .updateTable('passkeys')
        .set({ counter, backed_up: backedUp ? 1 : 0, last_used_at: lastUsedAt })
        .where('id', '=', id)
        .where('counter', '=', from)
        .where('flagged_at', 'is', null)
        .returning('id')
        .executeTakeFirst()
      return used !== undefined
    },

    async flag(id, at) {
      await db
        .updateTable('passkeys')
        .set({ flagged_at: at })
        .where('id', '=', id)
        .where('flagged_at', 'is', null)
        .execute()
    },

    async rename(userId, id, name) {
      const renamed = await db
        .updateTable('passkeys')
        .set({ name })
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('id')
        .executeTakeFirst()
      return renamed !== undefined
    },

    async remove(userId, id) {
      const removed = await db
        .deleteFrom('passkeys')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('id')
        .executeTakeFirst()
      return removed !== undefined
    },

    async removeAll(userId) {
      await db.deleteFrom('passkeys').where('user_id', '=', userId).execute()
    },
  }
}

function passkeyRow(passkey: PasskeyRecord): Database['passkeys'] {
  return {
    id: passkey.id,
    user_id: passkey.userId,
    credential_id: passkey.credentialId,
    public_key: passkey.publicKey,
    counter: passkey.counter,
    transports: JSON.stringify(passkey.transports),
    aaguid: passkey.aaguid,
    name: passkey.name,
    backup_eligible: passkey.backupEligible ? 1 : 0,
    backed_up: passkey.backedUp ? 1 : 0,
    created_at: passkey.createdAt,
    last_used_at: passkey.lastUsedAt,
    flagged_at: passkey.flaggedAt,
  }
}

function toPasskey(row: Selectable<Database['passkeys']>): PasskeyRecord {
  return {
    id: row.id,
    userId: row.user_id,
    credentialId: row.credential_id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: textList(row.transports),
    aaguid: row.aaguid,
    name: row.name,
    backupEligible: row.backup_eligible === 1,
    backedUp: row.backed_up === 1,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    flaggedAt: row.flagged_at,
  }
}
