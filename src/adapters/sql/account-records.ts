import type { Kysely } from 'kysely'
import type { AccountRecords } from '../../ports/account-records.ts'
import type { Database } from './schema.ts'
import { sqlSessionRecords } from './session-records.ts'
import { sqlUserRecords } from './user-records.ts'

/** `AccountRecords` in the tables `users` and `sessions`. */
export function sqlAccountRecords(db: Kysely<Database>): AccountRecords {
  return { ...sqlUserRecords(db), ...sqlSessionRecords(db) }
}
