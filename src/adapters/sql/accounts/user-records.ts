import { sql, type Kysely, type Selectable } from 'kysely'
import { roles } from '../../../core/principal.ts'
import type { AccountRecords, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Database } from '../schema.ts'
import { nameList } from './text-list.ts'

type Lookups = Pick<AccountRecords, 'findUser' | 'findUserByEmailKey' | 'listUsers' | 'countAdmins'>

type Changes = Pick<
  AccountRecords,
  | 'insertUser'
  | 'setPasswordHash'
  | 'setEmail'
  | 'setEmailVerified'
  | 'setRoles'
  | 'setDisabled'
  | 'deleteUser'
  | 'ensureUserHandle'
>

/** The users' part of `AccountRecords`, in the table `users`. */
export function sqlUserRecords(db: Kysely<Database>): Lookups & Changes {
  return { ...lookups(db), ...changes(db) }
}

function lookups(db: Kysely<Database>): Lookups {
  return {
    async findUser(id) {
      const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toUser(row)
    },

    async findUserByEmailKey(emailKey) {
      const row = await db.selectFrom('users').selectAll().where('email_key', '=', emailKey).executeTakeFirst()
      return row === undefined ? null : toUser(row)
    },

    async listUsers({ search, before, limit }) {
      let users = db.selectFrom('users').selectAll().orderBy('id', 'desc').limit(limit)
      if (before !== null) users = users.where('id', '<', before)
      const part = searchKey(search ?? '')
      if (part !== '') {
        users = users.where((on) => on.or([holds(sql.ref('email_key'), part), holds(sql.ref('name_key'), part)]))
      }
      return (await users.execute()).map(toUser)
    },

    async countAdmins() {
      const row = await db
        .selectFrom('users')
        .select((on) => on.fn.countAll().as('admins'))
        .where('roles', 'like', '%"admin"%')
        .where('disabled_at', 'is', null)
        .executeTakeFirst()
      return Number(row?.admins ?? 0)
    },
  }
}

/** A text as it is searched for without regard to case: as the key of an email address is made. */
const searchKey = (text: string) => text.normalize('NFKC').toLowerCase()

/** `like` would take % and _ for wildcards, and SQLite bounds its patterns: `replace` is literal in every engine. */
const holds = (text: ReturnType<typeof sql.ref>, part: string) => sql<boolean>`replace(${text}, ${part}, '') <> ${text}`

function changes(db: Kysely<Database>): Changes {
  const update = (userId: string, values: Partial<Database['users']>) =>
    db.updateTable('users').set(values).where('id', '=', userId)

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

    async setPasswordHash(userId, passwordHash) {
      await update(userId, { password_hash: passwordHash }).execute()
    },

    async setEmail(userId, { address, key }, verifiedAt) {
      const taken = db.selectFrom('users as other').select('id').where('email_key', '=', key).where('id', '!=', userId)
      const changed = await update(userId, { email: address, email_key: key, email_verified_at: verifiedAt })
        .where((on) => on.not(on.exists(taken)))
        .returning('id')
        .executeTakeFirst()
      return changed !== undefined
    },

    async setEmailVerified(userId, at) {
      await update(userId, { email_verified_at: at }).execute()
    },

    async setRoles(userId, names) {
      await update(userId, { roles: JSON.stringify(names) }).execute()
    },

    async setDisabled(userId, at) {
      await update(userId, { disabled_at: at }).execute()
    },

    async deleteUser(userId) {
      const deleted = await db.deleteFrom('users').where('id', '=', userId).returning('id').executeTakeFirst()
      if (deleted === undefined) return false
      await noteDeparted(db, userId)
      return true
    },

    async ensureUserHandle(userId, handle) {
      const row = await db
        .updateTable('users')
        .set((on) => ({ handle: on.fn.coalesce('handle', on.val(handle)) }))
        .where('id', '=', userId)
        .returning('handle')
        .executeTakeFirst()
      if (row === undefined) throw new TypeError(`There is no user ${userId} who could have a handle.`)
      return row.handle ?? handle
    },
  }
}

/** Their jobs and files are forgotten in portions, later. */
async function noteDeparted(db: Kysely<Database>, userId: string): Promise<void> {
  await db
    .insertInto('departed_owners')
    .values({ owner_id: userId })
    .onConflict((on) => on.column('owner_id').doNothing())
    .execute()
}

function userRow(user: UserRecord, emailKey: string): Database['users'] {
  return {
    id: user.id,
    email: user.email,
    email_key: emailKey,
    email_verified_at: user.emailVerifiedAt,
    display_name: user.displayName,
    name_key: searchKey(user.displayName),
    roles: JSON.stringify(user.roles),
    password_hash: user.passwordHash,
    handle: null,
    created_at: user.createdAt,
    disabled_at: user.disabledAt,
  }
}

function toUser(row: Selectable<Database['users']>): UserRecord {
  return {
    id: row.id,
    email: row.email,
    emailVerifiedAt: row.email_verified_at,
    displayName: row.display_name,
    roles: nameList(row.roles, roles),
    passwordHash: row.password_hash,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
  }
}
