import { CompiledQuery, sql, type Kysely } from 'kysely'
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration'
import { StoreError } from '../../ports/store.ts'
import { migrations } from './migrations/migrations.ts'
import { retryWhileBusy } from './retry-while-busy.ts'
import type { Database } from './schema.ts'

/**
 * Brings the database to the newest form, as a whole or not at all: Kysely would run each statement of a SQLite migration
 * by itself. Throws a `StoreError` when it was written by a newer release, and the engine's error when a migration fails.
 */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const execute = (statement: string) => db.executeQuery(CompiledQuery.raw(statement))
  await retryWhileBusy(() => execute('begin immediate'))
  try {
    await refuseNewer(db)
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
    const { error } = await migrator.migrateToLatest()
    if (error !== undefined) throw error instanceof Error ? error : new Error('A migration failed.', { cause: error })
    await retryWhileBusy(() => execute('commit'))
  } catch (error) {
    await execute('rollback').catch(() => undefined)
    throw error
  }
}

async function refuseNewer(db: Kysely<Database>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db)
  const unknown = rows.find(({ name }) => !(name in migrations))
  if (unknown === undefined) return
  throw new StoreError(
    `The database was written by a newer release of Millrace (it has "${unknown.name}"): start that release, or restore a backup.`,
  )
}
