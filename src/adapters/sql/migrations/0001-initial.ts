import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  `create table settings (name text primary key, value text not null)`,

  `create table users (
    id text primary key, email text not null, email_key text not null unique, display_name text not null,
    roles text not null, password_hash text, created_at bigint not null, disabled_at bigint)`,

  // Of a session's secret only the SHA-256 is kept (ASVS 7.2.3).
  `create table sessions (
    id text primary key, user_id text not null references users (id) on delete cascade, secret_hash text not null,
    delivery text not null, assurance integer not null, authenticated_at bigint not null, created_at bigint not null,
    last_used_at bigint not null, expires_at bigint not null, ended_at bigint, ip text, user_agent text)`,
  `create index sessions_by_user on sessions (user_id, created_at)`,

  // The head row of a topic is written in the transaction that changes the record: offsets are dense.
  `create table topics (
    name text primary key, epoch text not null, head bigint not null default 0, oldest bigint not null default 1,
    closed integer not null default 0)`,
  `create table events (
    topic text not null references topics (name) on delete cascade, "offset" bigint not null, body text not null,
    last integer not null, primary key (topic, "offset"))`,

  `create table nodes (id text primary key, lease_until bigint not null)`,

  `create table jobs (
    id text primary key, owner_id text not null, task text not null, task_version text not null, state text not null,
    fence bigint not null default 0, priority integer not null, attempts integer not null default 0,
    losses integer not null default 0, node_id text, created_at bigint not null, run_at bigint not null,
    started_at bigint, finished_at bigint, cancel_requested_at bigint, progress_fraction double precision,
    progress_message text, error_code text, error_message text, idempotency_key text, input_hash text not null)`,
  // The claim reads this one and stops after its limit; it stays as small as the backlog.
  `create index jobs_queued on jobs (priority desc, id) where state = 'QUEUED'`,
  `create index jobs_scheduled on jobs (run_at) where state = 'SCHEDULED'`,
  `create index jobs_running on jobs (node_id) where state = 'RUNNING'`,
  `create index jobs_unfinished on jobs (owner_id) where state in ('SCHEDULED', 'QUEUED', 'RUNNING')`,
  `create index jobs_by_owner on jobs (owner_id, id desc)`,
  `create unique index jobs_by_key on jobs (owner_id, task, idempotency_key) where idempotency_key is not null`,

  // Big values are kept out of the hot row, which is rewritten with every progress report.
  `create table job_values (
    job_id text primary key references jobs (id) on delete cascade, input text not null, output text)`,
  `create table job_attempts (
    job_id text not null references jobs (id) on delete cascade, fence bigint not null, node_id text not null,
    started_at bigint not null, finished_at bigint, outcome text, error_code text, error_message text,
    primary key (job_id, fence))`,

  `create table artifacts (
    id text primary key, owner_id text not null, hash text not null, size bigint not null, file_name text not null,
    media_type text not null, created_at bigint not null)`,
  `create index artifacts_by_owner on artifacts (owner_id, size)`,
  `create index artifacts_by_hash on artifacts (hash)`,
  `create table job_artifacts (
    job_id text not null references jobs (id) on delete cascade, artifact_id text not null references artifacts (id),
    primary key (job_id, artifact_id))`,
  `create index job_artifacts_by_artifact on job_artifacts (artifact_id)`,
]

/** Everything that the first release keeps. */
export const initial: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}
