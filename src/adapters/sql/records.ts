import type { Kysely } from 'kysely'
import type { LoggedEvent } from '../../ports/event-log.ts'
import type { Records } from '../../ports/store.ts'
import { sqlAccountRecords } from './account-records.ts'
import { sqlArtifactIndex } from './artifact-index.ts'
import { sqlEventLog } from './event-log.ts'
import { sqlLedger } from './ledger.ts'
import { sqlNodes } from './nodes.ts'
import type { Database } from './schema.ts'
import { sqlStoredSettings } from './stored-settings.ts'

/** All records over one connection; `appended` hears of the events that are appended through it, before the commit. */
export function sqlRecords(db: Kysely<Database>, appended: (event: LoggedEvent) => void): Records {
  return {
    accounts: sqlAccountRecords(db),
    artifacts: sqlArtifactIndex(db),
    ledger: sqlLedger(db),
    nodes: sqlNodes(db),
    log: sqlEventLog(db, appended),
    settings: sqlStoredSettings(db),
  }
}
