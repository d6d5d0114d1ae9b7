import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What belongs to a user goes with them. */
const ofUser = `user_id text not null references users (id) on delete cascade`

const statements = [
  `alter table users add column email_verified_at bigint`,
  // The user handle of WebAuthn.
  `alter table users add column handle text`,
  `create unique index users_by_handle on users (handle)`,
  // The display name as it is searched for: the lower case of the engines differs.
  `alter table users add column name_key text not null default ''`,

  `alter table sessions add column generation integer not null default 1`,
  `alter table sessions add column methods text not null default '[]'`,
  `create index sessions_by_expiry on sessions (expires_at)`,
  `create index sessions_by_end on sessions (ended_at) where ended_at is not null`,

  `create table refresh_tokens (
    id text primary key, session_id text not null references sessions (id) on delete cascade, secret_hash text not null,
    created_at bigint not null, expires_at bigint not null, retired_at bigint, successor_sealed text,
    successor_id text)`,
  `create index refresh_tokens_by_session on refresh_tokens (session_id)`,
  `create index refresh_tokens_with_successor on refresh_tokens (retired_at) where successor_sealed is not null`,

  `create table api_keys (
    id text primary key, ${ofUser}, name text not null, secret_hash text not null, last_four text not null,
    scopes text not null, allowed_ips text not null, requests_per_minute integer not null, created_at bigint not null,
    expires_at bigint, last_used_at bigint, revoked_at bigint, successor_id text)`,
  `create index api_keys_by_user on api_keys (user_id, created_at)`,

  `create table attempt_counters (
    name text primary key, failures integer not null, last_at bigint not null, blocked_until bigint not null)`,
  `create index attempt_counters_by_time on attempt_counters (last_at)`,

  // No foreign keys: the log outlives whom it is about.
  `create table audit_events (
    id text primary key, occurred_at bigint not null, event text not null, outcome text not null, actor text not null,
    actor_id text, subject_id text, session_id text, key_id text, methods text not null, assurance integer, ip text,
    user_agent text, request_id text, details text not null)`,
  `create index audit_events_by_subject on audit_events (subject_id, id desc)`,
  `create index audit_events_by_event on audit_events (event, id desc)`,
  `create index audit_events_by_time on audit_events (occurred_at)`,

  `create table totp_secrets (
    user_id text primary key references users (id) on delete cascade, secret_sealed text not null,
    created_at bigint not null, confirmed_at bigint, last_step bigint)`,
  `create table recovery_codes (${ofUser}, hash text not null, used_at bigint, primary key (user_id, hash))`,

  `create table identities (
    id text primary key, ${ofUser}, provider text not null, subject text not null, email text,
    created_at bigint not null, last_used_at bigint, unique (provider, subject))`,
  `create index identities_by_user on identities (user_id, created_at)`,

  `create table known_devices (
    ${ofUser}, device_hash text not null, last_used_at bigint not null, primary key (user_id, device_hash))`,

  `create table mails (
    id text primary key, sealed text not null, created_at bigint not null, send_at bigint not null,
    attempts integer not null)`,
  `create index mails_by_time on mails (send_at)`,

  `create table one_time_tokens (
    id text primary key, purpose text not null, secret_hash text not null,
    user_id text references users (id) on delete cascade, bound_to text, data text not null, created_at bigint not null,
    expires_at bigint not null, used_at bigint, attempts integer not null)`,
  `create index one_time_tokens_by_user on one_time_tokens (user_id, purpose)`,
  `create index one_time_tokens_of_nobody on one_time_tokens (purpose, created_at) where user_id is null`,
  `create index one_time_tokens_by_expiry on one_time_tokens (expires_at)`,

  `create table passkeys (
    id text primary key, ${ofUser}, credential_id text not null unique, public_key text not null, counter bigint not null,
    transports text not null, aaguid text not null, name text not null, backup_eligible integer not null,
    backed_up integer not null, created_at bigint not null, last_used_at bigint, flagged_at bigint)`,
  `create index passkeys_by_user on passkeys (user_id, created_at)`,

  `create table signing_keys (
    kid text primary key, state text not null, public_jwk text not null, private_sealed text not null,
    created_at bigint not null, retired_at bigint)`,
]

/** Accounts with factors, providers, keys and a log; users and sessions that are there go over as they are. */
export const accounts: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
    await fillNameKeys(db)
  },
}

/** As the names of later users are entered; written out here, because what has landed is not changed. */
async function fillNameKeys(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ id: string; display_name: string }>`select id, display_name from users`.execute(db)
  for (const { id, display_name: name } of rows) {
    await sql`update users set name_key = ${name.normalize('NFKC').toLowerCase()} where id = ${id}`.execute(db)
  }
}
