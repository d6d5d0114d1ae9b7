import type { ArtifactInput } from '../core/task.ts'
import type { Job, JobError, JobState, Progress } from '../core/job.ts'

/** A job as it is entered: everything else of `Job` starts empty. */
export interface NewJob {
  readonly id: string
  readonly ownerId: string
  readonly task: string
  readonly taskVersion: string
  readonly input: unknown
  readonly inputHash: string
  readonly priority: number
  readonly createdAt: number
  readonly idempotencyKey: string | null
  /** The artifacts that the input names. */
  readonly artifactIds: readonly string[]
}

/** What a change of a job rests on: it touches only a row that is in one of the states and, if given, has the fence. */
export interface JobGuard {
  readonly states: readonly JobState[]
  readonly fence?: number
  /** Only a row whose cancel has not been asked for (`false`) or has (`true`). */
  readonly cancelRequested?: boolean
}

/** What a change sets; what is left out stays. */
export interface JobChange {
  readonly state?: JobState
  /** The version of the task that runs it, where that is no longer the one that it was entered for. */
  readonly taskVersion?: string
  readonly runAt?: number
  readonly nodeId?: string | null
  readonly startedAt?: number | null
  readonly finishedAt?: number
  readonly cancelRequestedAt?: number
  readonly attempts?: number
  readonly losses?: number
  /** `null` takes back what an attempt reported that is to be made again. */
  readonly progress?: Progress | null
  readonly error?: JobError
  /** Kept beside the hot row. */
  readonly output?: unknown
}

/** One run of a job, kept for its history. */
export interface JobAttempt {
  readonly jobId: string
  readonly fence: number
  readonly nodeId: string
  readonly startedAt: number
  readonly finishedAt: number | null
  /** `null` while it runs. */
  readonly outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'LOST' | 'HANDED_BACK' | null
  readonly error: JobError | null
}

/**
 * The jobs, one row each, the only truth about them.
 *
 * Guaranteed: every change is a compare-and-set on the guard, so of two writers that saw the same state one wins and the
 * other is told `null`; a claim raises the fence and takes each job for one node only.
 * Which change is allowed when is decided by `services/jobs`; the ledger keeps no rule of its own.
 */
export interface Ledger {
  /** Enters a QUEUED job; `null` when the owner has a job of that task with that idempotency key. */
  insert(job: NewJob): Promise<Job | null>
  find(id: string): Promise<Job | null>
  /** The owner's job with that key, if there is one. */
  findByIdempotencyKey(ownerId: string, task: string, key: string): Promise<Job | null>
  countUnfinished(ownerId: string): Promise<number>
  /** The owner's jobs, newest first, older than the job `before` if given. */
  list(ownerId: string, options: { readonly limit: number; readonly before?: string | null }): Promise<readonly Job[]>
  /** The job's input as it was entered. */
  input(id: string): Promise<unknown>
  /** The job's output as JSON text, for the caller to bound before it is parsed; `null` where there is none. */
  output(id: string): Promise<string | null>
  /** The artifacts that the job's input names, with the blob that each is. */
  artifacts(id: string): Promise<readonly (Omit<ArtifactInput, 'path'> & { readonly hash: string })[]>
  update(id: string, guard: JobGuard, change: JobChange): Promise<Job | null>
  /**
   * Takes the next jobs for a node: QUEUED, highest priority first, then oldest. They are then RUNNING under a new fence,
   * with an attempt that has begun.
   */
  claim(options: { readonly nodeId: string; readonly limit: number; readonly now: number }): Promise<readonly Job[]>
  /** Jobs RUNNING on nodes that are gone: their row is missing or their lease has run out by the database's clock. */
  orphans(limit: number): Promise<readonly Job[]>
  /** Makes SCHEDULED jobs whose time has come QUEUED, at most `limit`, the longest due first. */
  promote(now: number, limit: number): Promise<readonly Job[]>
  /** The jobs that are RUNNING on the node. */
  runningOn(nodeId: string): Promise<readonly Job[]>
  /** Notes how an attempt ended. Its beginning is noted by `claim`. */
  endAttempt(
    attempt: Pick<JobAttempt, 'jobId' | 'fence' | 'outcome' | 'error'> & { readonly finishedAt: number },
  ): Promise<void>
  attempts(jobId: string): Promise<readonly JobAttempt[]>
}

/**
 * The processes that run jobs. A node lives as long as its lease; times are compared inside the database, so that two
 * machines' clocks need not agree.
 */
export interface Nodes {
  /** Enters the node, or renews its lease, for so many ms from now. */
  renew(nodeId: string, leaseMs: number): Promise<void>
  /** Takes the node out: its running jobs are orphans from now on. */
  remove(nodeId: string): Promise<void>
  /** Takes every node out but this one. Only for who holds the store alone (the data folder's lock). */
  removeOthers(nodeId: string): Promise<void>
}
