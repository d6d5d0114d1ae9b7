import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What belongs to a job goes with it. */
const ofJob = `job_id text not null references jobs (id) on delete cascade`

const statements = [
  `alter table jobs add column expires_at bigint`,
  `alter table jobs add column memo_key text`,
  // No foreign keys: the jobs that these name are forgotten when their own time has come.
  `alter table jobs add column memoized_from text`,
  `alter table jobs add column retry_of text`,
  `alter table jobs add column tags text not null default '[]'`,
  `alter table job_attempts add column cpu_ms double precision`,

  // Outputs lie beside the jobs: any number of jobs name one, and it goes with the last of them. The foreign key is looked
  // at last of all, since a job is only known to be the one that succeeded when its row is changed.
  `create table job_outputs (id text primary key, text text not null)`,
  `insert into job_outputs (id, text) select job_id, output from job_values where output is not null`,
  `alter table jobs add column output_id text references job_outputs (id) deferrable initially deferred`,
  `update jobs set output_id = id where id in (select id from job_outputs)`,
  `alter table job_values drop column output`,
  `create index jobs_by_output on jobs (output_id) where output_id is not null`,

  // The claim: it reads no row that it does not take, not even to pass by what has expired.
  `drop index jobs_queued`,
  `create index jobs_queued on jobs (priority desc, id, expires_at, task) where state = 'QUEUED'`,
  // The claim where a task is at its limit: behind a backlog of 100,000 of its jobs the one above was read for 5 ms
  // each time.
  `create index jobs_queued_by_task on jobs (task, priority desc, id, expires_at) where state = 'QUEUED'`,
  // The expiry of what has not begun.
  `create index jobs_expiring on jobs (expires_at) where expires_at is not null and state in ('SCHEDULED', 'QUEUED')`,
  // The list of an owner. Like all that list newest first it ascends and is read backwards: new ids are added at its end,
  // where they took 10 microseconds less than at the front of a descending one.
  `drop index jobs_by_owner`,
  `create index jobs_by_owner on jobs (owner_id, id)`,
  // The list of an owner by state, the count of their quota, and what is left of one who is gone.
  `drop index jobs_unfinished`,
  `create index jobs_by_state on jobs (owner_id, state, id)`,
  // The list of an owner by task, state by state, of what has ended: what has not is as little as their quota allows, and
  // left out so that a job is entered here once, not with each state that it passes through.
  `create index jobs_by_task on jobs (owner_id, task, state, id)
    where state in ('SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED')`,
  // The purge of what ended long ago.
  `create index jobs_by_end on jobs (finished_at) where finished_at is not null`,

  // The key answers the list of an owner by tag, newest first; the index is for the job that goes.
  `create table job_tags (owner_id text not null, tag text not null, ${ofJob}, primary key (owner_id, tag, job_id))`,
  `create index job_tags_by_job on job_tags (job_id)`,

  // A table of its own, not a mark on job_artifacts: a job can name a file that its remembered result also consists of.
  `create table written_artifacts (
    ${ofJob}, artifact_id text not null references artifacts (id), fence bigint not null,
    primary key (job_id, artifact_id))`,
  `create index written_artifacts_by_artifact on written_artifacts (artifact_id)`,
  // The purge of old artifacts.
  `create index artifacts_by_age on artifacts (created_at)`,

  `create table memos (
    owner_id text not null, task text not null, version text not null, memo_key text not null, ${ofJob},
    expires_at bigint not null, primary key (owner_id, task, version, memo_key))`,
  // The job that goes, and the purge of what is over.
  `create index memos_by_job on memos (job_id)`,
  `create index memos_by_expiry on memos (expires_at)`,

  // Owners whose account is gone while jobs or files of theirs may be left, or were not long ago: until cleared_at.
  `create table departed_owners (owner_id text primary key, cleared_at bigint)`,
]

/** Jobs with expiry, tags, remembered results and written files; those that are there go over as they are. */
export const jobs: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}
