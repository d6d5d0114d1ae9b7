import type { AccountRecords } from './accounts/account-records.ts'
import type { ApiKeys } from './accounts/api-keys.ts'
import type { AttemptCounters } from './accounts/attempt-counters.ts'
import type { AuditLog } from './accounts/audit-log.ts'
import type { Factors } from './accounts/factors.ts'
import type { Identities } from './accounts/identities.ts'
import type { KnownDevices } from './accounts/known-devices.ts'
import type { MailOutbox } from './accounts/mail-outbox.ts'
import type { OneTimeTokens } from './accounts/one-time-tokens.ts'
import type { PasskeyRecords } from './accounts/passkeys.ts'
import type { SigningKeys } from './accounts/signing-keys.ts'
import type { ArtifactIndex } from './artifact-index.ts'
import type { EventLog, LoggedEvent } from './event-log.ts'
import type { IdempotencyKeys } from './idempotency-keys.ts'
import type { Ledger, Nodes } from './ledger.ts'
import type { Notices } from './notices.ts'
import type { Retention } from './retention.ts'
import type { StoredSettings } from './stored-settings.ts'

/** Everything that one transaction can see and change. */
export interface Records {
  readonly accounts: AccountRecords
  readonly apiKeys: ApiKeys
  readonly artifacts: ArtifactIndex
  readonly attempts: AttemptCounters
  readonly audit: AuditLog
  readonly devices: KnownDevices
  readonly factors: Factors
  readonly idempotencyKeys: IdempotencyKeys
  readonly identities: Identities
  readonly ledger: Ledger
  readonly nodes: Nodes
  readonly log: EventLog
  readonly mails: MailOutbox
  readonly notices: Notices
  readonly oneTimeTokens: OneTimeTokens
  readonly passkeys: PasskeyRecords
  readonly retention: Retention
  readonly settings: StoredSettings
  readonly signingKeys: SigningKeys
}

/**
 * The record: the only truth about accounts, jobs, artifacts and events.
 *
 * Guaranteed: `write` is one transaction, all of it or nothing, and durable once its promise resolves; a `read` sees one
 * state of the whole store; a `write` sees what every earlier resolved `write` did. Writes that are asked for in one turn of the event loop may share
 * a commit: one that throws undoes only itself.
 * Callers must do nothing in `work` but use the records, and await all that they start: it holds up every other writer, and
 * it may be run again when the engine reports a conflict. A caller's own waits, hashing and network calls come before or
 * after; another `read` or `write` within one would wait for itself.
 */
export interface Store extends AsyncDisposable {
  /** Random, made with the database: part of every name that this store uses outside itself. */
  readonly id: string
  read<T>(work: (records: Records) => Promise<T>): Promise<T>
  write<T>(work: (records: Records) => Promise<T>): Promise<T>
  /** Hears the events of each commit, in the order of the log, before `write` resolves. One listener or several; call the result to stop. */
  onCommitted(listener: (events: readonly LoggedEvent[]) => void): () => void
}

/** A store that cannot be opened: a start-up error. The message says what to do. */
export class StoreError extends Error {
  readonly code: 'STORE_UNUSABLE' | 'STORE_BUSY'

  constructor(message: string, code: StoreError['code'] = 'STORE_UNUSABLE') {
    super(message)
    this.code = code
    this.name = 'StoreError'
  }
}
