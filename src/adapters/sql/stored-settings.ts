import type { Kysely } from 'kysely'
import type { StoredSettings } from '../../ports/stored-settings.ts'
import type { Database } from './schema.ts'

/** `StoredSettings` in the table `settings`. */
export function sqlStoredSettings(db: Kysely<Database>): StoredSettings {
  async function get(name: string): Promise<string | null> {
    const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
    return row?.value ?? null
  }

  return {
    get,
    async set(name, value, expected) {
      if (expected !== undefined && (await get(name)) !== expected) return false
      if (value === null) {
        await db.deleteFrom('settings').where('name', '=', name).execute()
      } else {
        const row = { name, value }
        await db
          .insertInto('settings')
          .values(row)
          .onConflict((on) => on.column('name').doUpdateSet({ value }))
          .execute()
      }
      return true
    },
  }
}
