import type { Generated } from 'kysely'
import type { JobAttempt, JobErrorCode, JobState } from '../../core/job.ts'
import type { AccountTables } from './accounts/tables.ts'
import type { ChannelTables } from './channels/tables.ts'

/**
 * The tables, as SQLite and PostgreSQL both hold them. Times are ms since 1970; JSON is text; truth values are 0 and 1.
 * What each is for stands with its migration.
 */
export interface Database extends AccountTables, ChannelTables {
  settings: { name: string; value: string }
  topics: {
    name: string
    epoch: string
    head: Generated<number>
    oldest: Generated<number>
    closed: Generated<number>
    tidy_at: number | null
    wanted_until: number | null
  }
  events: { topic: string; offset: number; body: string; last: number; keep_until: number | null }
  /** `tasks`: JSON, versions by the tasks' names. */
  nodes: { id: string; lease_until: number; tasks: Generated<string> }
  jobs: {
    id: string
    owner_id: string
    task: string
    task_version: string
    state: JobState
    fence: Generated<number>
    priority: number
    attempts: Generated<number>
    losses: Generated<number>
    node_id: string | null
    created_at: number
    run_at: number
    started_at: number | null
    finished_at: number | null
    cancel_requested_at: number | null
    progress_fraction: number | null
    progress_message: string | null
    error_code: JobErrorCode | null
    error_message: string | null
    idempotency_key: string | null
    input_hash: string
    expires_at: number | null
    memo_key: string | null
    memoized_from: string | null
    retry_of: string | null
    /** JSON list. */
    tags: Generated<string>
    /** In `job_outputs`; `null` before success. */
    output_id: string | null
  }
  job_tags: { owner_id: string; tag: string; job_id: string }
  job_values: { job_id: string; input: string }
  /** JSON texts, each under the id of the job that made it; jobs that were given a remembered result name the same. */
  job_outputs: { id: string; text: string }
  job_attempts: {
    job_id: string
    fence: number
    node_id: string
    started_at: number
    finished_at: number | null
    outcome: JobAttempt['outcome']
    error_code: JobErrorCode | null
    error_message: string | null
    cpu_ms: number | null
  }
  /** The artifacts that the inputs name. */
  job_artifacts: { job_id: string; artifact_id: string }
  /** Those that the jobs wrote; under fence 0 what came with a remembered result. */
  written_artifacts: { job_id: string; artifact_id: string; fence: number }
  artifacts: {
    id: string
    owner_id: string
    hash: string
    size: number
    file_name: string
    media_type: string
    created_at: number
  }
  memos: {
    owner_id: string
    task: string
    version: string
    memo_key: string
    job_id: string
    expires_at: number
  }
  departed_owners: { owner_id: string; cleared_at: Generated<number | null> }
}
