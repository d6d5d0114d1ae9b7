import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // One row per user, topic and key: the primary key lets one of two that use it at once be first.
  `create table idempotency_keys (
    user_id text not null references users (id) on delete cascade, topic text not null, key text not null,
    input_hash text not null, result text not null default '', expires_at bigint not null,
    primary key (user_id, topic, key))`,
  // The purge.
  `create index idempotency_keys_by_expiry on idempotency_keys (expires_at)`,

  // "until" is moved to the present when a notice is withdrawn: what is in force is one range of the index, and so is what
  // can be forgotten. Who wrote it stands in the audit log only.
  `create table notices (
    id text primary key, text text not null, severity text not null, published_at bigint not null,
    "until" bigint not null)`,
  `create index notices_by_end on notices ("until")`,
]

/** Channels, whose messages lie in the event log, and notices. */
export const channels: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}
