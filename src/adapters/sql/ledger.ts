import type { Kysely } from 'kysely'
import type { Ledger } from '../../ports/ledger.ts'
import { changes } from './ledger/changes.ts'
import { claims } from './ledger/claims.ts'
import { entries } from './ledger/entries.ts'
import { listing } from './ledger/listing.ts'
import { lookups } from './ledger/lookups.ts'
import { memos } from './ledger/memos.ts'
import { onNodes } from './ledger/on-nodes.ts'
import { timetable } from './ledger/timetable.ts'
import { values } from './ledger/values.ts'
import { writtenArtifacts } from './ledger/written-artifacts.ts'
import type { Database } from './schema.ts'

/** `Ledger` in the table `jobs` and those that hang on it. */
export function sqlLedger(db: Kysely<Database>): Ledger {
  return {
    ...entries(db),
    ...lookups(db),
    ...listing(db),
    ...values(db),
    ...changes(db),
    ...claims(db),
    ...timetable(db),
    ...onNodes(db),
    ...writtenArtifacts(db),
    ...memos(db),
  }
}
