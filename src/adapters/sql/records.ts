import type { Kysely } from 'kysely'
import type { LoggedEvent } from '../../ports/event-log.ts'
import type { Records } from '../../ports/store.ts'
import { sqlAccountRecords } from './accounts/account-records.ts'
import { sqlApiKeys } from './accounts/api-keys.ts'
import { sqlAttemptCounters } from './accounts/attempt-counters.ts'
import { sqlAuditLog } from './accounts/audit-log.ts'
import { sqlFactors } from './accounts/factors.ts'
import { sqlIdentities } from './accounts/identities.ts'
import { sqlKnownDevices } from './accounts/known-devices.ts'
import { sqlMailOutbox } from './accounts/mail-outbox.ts'
import { sqlOneTimeTokens } from './accounts/one-time-tokens.ts'
import { sqlPasskeyRecords } from './accounts/passkeys.ts'
import { sqlSigningKeys } from './accounts/signing-keys.ts'
import { sqlArtifactIndex } from './artifact-index.ts'
import { sqlIdempotencyKeys } from './channels/idempotency-keys.ts'
import { sqlNotices } from './channels/notices.ts'
import { sqlEventLog } from './event-log.ts'
import { sqlLedger } from './ledger.ts'
import { sqlNodes } from './nodes.ts'
import { sqlRetention } from './retention.ts'
import type { Database } from './schema.ts'
import { sqlStoredSettings } from './stored-settings.ts'

/** All records over one connection; `appended` hears of the events that are appended through it, before the commit. */
export function sqlRecords(db: Kysely<Database>, appended: (event: LoggedEvent) => void): Records {
  return {
    accounts: sqlAccountRecords(db),
    apiKeys: sqlApiKeys(db),
    artifacts: sqlArtifactIndex(db),
    attempts: sqlAttemptCounters(db),
    audit: sqlAuditLog(db),
    devices: sqlKnownDevices(db),
    factors: sqlFactors(db),
    idempotencyKeys: sqlIdempotencyKeys(db),
    identities: sqlIdentities(db),
    ledger: sqlLedger(db),
    nodes: sqlNodes(db),
    log: sqlEventLog(db, appended),
    mails: sqlMailOutbox(db),
    notices: sqlNotices(db),
    oneTimeTokens: sqlOneTimeTokens(db),
    passkeys: sqlPasskeyRecords(db),
    retention: sqlRetention(db),
    settings: sqlStoredSettings(db),
    signingKeys: sqlSigningKeys(db),
  }
}
