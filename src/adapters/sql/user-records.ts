import type { Kysely, Selectable } from 'kysely'
import { type Role, roles } from '../../core/principal.ts'
import type { AccountRecords, UserRecord } from '../../ports/account-records.ts'
import type { Database } from './schema.ts'

export type UserRecords = Pick<
  AccountRecords,
  'insertUser' | 'findUser' | 'findUserByEmailKey' | 'setPasswordHash' | 'countAdmins'
>

/** The users' part of `AccountRecords`, in the table `users`. */
export function sqlUserRecords(db: Kysely<Database>): UserRecords {
  return {
    async insertUser(user, emailKey) {
      const inserted = await db
        .insertInto('users')
        .values(userRow(user, emailKey))
        .onConflict((on) => on.column('email_key').doNothing())
        .returning('id')
        .executeTakeFirst()
      return inserted !== undefined
    },

    async findUser(id) {
      const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toUser(row)
    },

    async findUserByEmailKey(emailKey) {
      const row = await db.selectFrom('users').selectAll().where('email_key', '=', emailKey).executeTakeFirst()
      return row === undefined ? null : toUser(row)
    },

    async setPasswordHash(userId, passwordHash) {
      await db.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute()
    },

    async countAdmins() {
      const row = await db
        .selectFrom('users')
        .select((on) => on.fn.countAll().as('admins'))
        .where('roles', 'like', '%"admin"%')
        .executeTakeFirst()
      return Number(row?.admins ?? 0)
    },
  }
}

function userRow(user: UserRecord, emailKey: string): Database['users'] {
  return {
    id: user.id,
    email: user.email,
    email_key: emailKey,
    display_name: user.displayName,
    roles: JSON.stringify(user.roles),
    password_hash: user.passwordHash,
    created_at: user.createdAt,
    disabled_at: user.disabledAt,
  }
}

function toUser(row: Selectable<Database['users']>): UserRecord {
  return {
    id: row.id,
    email: row.email,
    displayName: row.display_name,
    roles: toRoles(row.roles),
    passwordHash: row.password_hash,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
  }
}

/** Names that this release does not know give nothing. */
function toRoles(text: string): readonly Role[] {
  const names: unknown = JSON.parse(text)
  return Array.isArray(names) ? roles.filter((role) => names.includes(role)) : []
}
