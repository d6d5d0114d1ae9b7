import type { Insertable, Selectable } from 'kysely'
import type { Job, JobAttempt, JobError, JobErrorCode } from '../../core/job.ts'
import type { JobChange, NewJob } from '../../ports/ledger.ts'
import { textList } from './accounts/text-list.ts'
import type { Database } from './schema.ts'

/** A row of `jobs` as the rest of the program knows it. */
export function toJob(row: Selectable<Database['jobs']>): Job {
  return {
    id: row.id,
    ownerId: row.owner_id,
    task: row.task,
    taskVersion: row.task_version,
    state: row.state,
    fence: row.fence,
    priority: row.priority,
    attempts: row.attempts,
    losses: row.losses,
    nodeId: row.node_id,
    createdAt: row.created_at,
    runAt: row.run_at,
    expiresAt: row.expires_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    cancelRequestedAt: row.cancel_requested_at,
    progress:
      row.progress_fraction === null ? null : { fraction: row.progress_fraction, message: row.progress_message },
    error: toError(row.error_code, row.error_message),
    idempotencyKey: row.idempotency_key,
    inputHash: row.input_hash,
    memoKey: row.memo_key,
    memoizedFrom: row.memoized_from,
    retryOf: row.retry_of,
    tags: textList(row.tags),
  }
}

/** A row of `job_attempts`. */
export function toJobAttempt(row: Selectable<Database['job_attempts']>): JobAttempt {
  return {
    jobId: row.job_id,
    fence: row.fence,
    nodeId: row.node_id,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    outcome: row.outcome,
    error: toError(row.error_code, row.error_message),
    cpuMs: row.cpu_ms,
  }
}

/** The row of `jobs` with which a job begins. */
export function toNewRow(job: NewJob): Insertable<Database['jobs']> {
  return {
    id: job.id,
    owner_id: job.ownerId,
    task: job.task,
    task_version: job.taskVersion,
    state: job.state,
    priority: job.priority,
    created_at: job.createdAt,
    run_at: job.runAt,
    expires_at: job.expiresAt,
    idempotency_key: job.idempotencyKey,
    input_hash: job.inputHash,
    memo_key: job.memoKey,
    retry_of: job.retryOf,
    tags: JSON.stringify(job.tags),
  }
}

/** The columns of `jobs` that a change sets. Kysely leaves out those that are `undefined`. */
export function toColumns(change: JobChange) {
  return {
    state: change.state,
    task_version: change.taskVersion,
    run_at: change.runAt,
    node_id: change.nodeId,
    started_at: change.startedAt,
    finished_at: change.finishedAt,
    cancel_requested_at: change.cancelRequestedAt,
    attempts: change.attempts,
    losses: change.losses,
    progress_fraction: change.progress === null ? null : change.progress?.fraction,
    progress_message: change.progress === null ? null : change.progress?.message,
    error_code: change.error === null ? null : change.error?.code,
    error_message: change.error === null ? null : change.error?.message,
  }
}

function toError(code: JobErrorCode | null, message: string | null): JobError | null {
  return code === null ? null : { code, message: message ?? '' }
}
