import type { Kysely } from 'kysely'
import type { AccountRecords } from '../../../ports/accounts/account-records.ts'
import type { Database } from '../schema.ts'
import { sqlRefreshTokenRecords } from './refresh-token-records.ts'
import { sqlSessionRecords } from './session-records.ts'
import { sqlUserRecords } from './user-records.ts'

/** `AccountRecords` in the tables `users`, `sessions` and `refresh_tokens`. */
export function sqlAccountRecords(db: Kysely<Database>): AccountRecords {
  return { ...sqlUserRecords(db), ...sqlSessionRecords(db), ...sqlRefreshTokenRecords(db) }
}
