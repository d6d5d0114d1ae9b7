import type { ArtifactInput } from '../core/task.ts'
import type { Job, JobAttempt, JobError, JobState, Progress } from '../core/job.ts'
import type { Artifact } from './artifact-index.ts'

/** A job as it is entered: everything else of `Job` starts empty. */
export interface NewJob extends Pick<
  Job,
  | 'id'
  | 'ownerId'
  | 'task'
  | 'taskVersion'
  | 'inputHash'
  | 'priority'
  | 'createdAt'
  | 'runAt'
  | 'expiresAt'
  | 'idempotencyKey'
  | 'memoKey'
  | 'retryOf'
  | 'tags'
> {
  /** It is QUEUED, or SCHEDULED until `runAt`. */
  readonly state: 'QUEUED' | 'SCHEDULED'
  readonly input: unknown
  /** The artifacts that the input names. */
  readonly artifactIds: readonly string[]
}

/** Which of an owner's jobs are asked for; what is left out narrows nothing. */
export interface JobFilter {
  readonly states?: readonly JobState[]
  readonly task?: string
  readonly tag?: string
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
  /** `null` where the job came to a good end after all. */
  readonly error?: JobError | null
  /** Kept beside the hot row. A job is given one once. */
  readonly outputJson?: string
}

/**
 * The jobs, one row each, the only truth about them.
 *
 * Guaranteed: every change is a compare-and-set on the guard, so of two writers that saw the same state one wins and the
 * other is told `null`; a claim raises the fence and takes each job for one node only.
 * Which change is allowed when is decided by `services/jobs`; the ledger keeps no rule of its own.
 */
export interface Ledger {
  /** Enters a job; `null` when the owner has a job of that task with that idempotency key. */
  insert(job: NewJob): Promise<Job | null>
  /**
   * Enters a job that has `from`'s result from the start: SUCCEEDED, with its output and the files that it wrote,
   * which both then have, and either keeps when the other is gone. `null` as `insert`.
   */
  insertMemoized(job: NewJob, from: Job): Promise<Job | null>
  find(id: string): Promise<Job | null>
  /** The owner's job with that key, if there is one. */
  findByIdempotencyKey(ownerId: string, task: string, key: string): Promise<Job | null>
  countUnfinished(ownerId: string): Promise<number>
  /** How many jobs are QUEUED, of everybody. */
  countQueued(): Promise<number>
  /** The owner's jobs that the filter lets through, newest first, older than the job `before` if given. */
  list(
    ownerId: string,
    options: { readonly limit: number; readonly before?: string | null; readonly filter?: JobFilter },
  ): Promise<readonly Job[]>
  /** The job's input as it was entered. */
  input(id: string): Promise<unknown>
  /** The job's output as JSON text, for the caller to bound before it is parsed; `null` where there is none. */
  output(id: string): Promise<string | null>
  /** The artifacts that the job's input names, with the blob that each is. */
  artifacts(id: string): Promise<readonly (Omit<ArtifactInput, 'path'> & { readonly hash: string })[]>
  update(id: string, guard: JobGuard, change: JobChange): Promise<Job | null>
  /**
   * Takes the next jobs for a node: QUEUED and not expired by `now`, highest priority first, then oldest. They are then
   * RUNNING under a new fence, with an attempt that has begun. `concurrency` names the tasks of which only so many jobs may
   * be RUNNING on all nodes together: what is over that is passed by. Where `tasks` is given, jobs of other tasks are passed
   * by, and those that were entered for one of the versions that stand with a task.
   */
  claim(options: {
    readonly nodeId: string
    readonly limit: number
    readonly now: number
    readonly concurrency?: ReadonlyMap<string, number>
    readonly tasks?: ReadonlyMap<string, readonly string[]>
  }): Promise<readonly Job[]>
  /** The tasks of which jobs are QUEUED. */
  queuedTasks(): Promise<readonly string[]>
  /** Jobs of the task that are QUEUED and were due by then. */
  queuedOf(task: string, dueBefore: number, limit: number): Promise<readonly Job[]>
  /** Jobs RUNNING on nodes whose row is missing or, where `expired` is asked for, whose lease has run out by the database's clock. */
  orphans(limit: number, options: { readonly expired: boolean }): Promise<readonly Job[]>
  /** Makes SCHEDULED jobs whose time has come QUEUED, at most `limit`, the longest due first. */
  promote(now: number, limit: number): Promise<readonly Job[]>
  /** Makes SCHEDULED and QUEUED jobs that have not begun in time EXPIRED, at most `limit`. */
  expire(now: number, limit: number): Promise<readonly Job[]>
  /** When the next SCHEDULED job is due; `null` when there is none. */
  nextDue(): Promise<number | null>
  /** Since when the QUEUED job that has waited longest has been due; `null` when there is none. */
  oldestDue(): Promise<number | null>
  /** The jobs that are RUNNING on the node. */
  runningOn(nodeId: string): Promise<readonly Job[]>
  /** Notes how an attempt ended. Its beginning is noted by `claim`. */
  endAttempt(
    attempt: Pick<JobAttempt, 'jobId' | 'fence' | 'outcome' | 'error' | 'cpuMs'> & { readonly finishedAt: number },
  ): Promise<void>
  /** The job's attempts, first to last. */
  attempts(jobId: string): Promise<readonly JobAttempt[]>

  /** Notes that the attempt with that fence wrote the artifact. It is then kept for as long as the job. */
  attachWritten(jobId: string, fence: number, artifactId: string): Promise<void>
  /** The artifacts that the job wrote, or was given with a remembered result, in the order in which they were made. */
  written(jobId: string): Promise<readonly Artifact[]>
  /**
   * Removes the artifacts that the attempt wrote, which came to nothing, and answers their hashes, whose blobs may now be
   * nobody's. One that another job names is left.
   */
  dropWritten(jobId: string, fence: number): Promise<readonly string[]>

  /** Remembers the job's result until then, in place of an earlier one, under its owner, task, version and `memoKey`, which it must have. */
  memoize(job: Job, expiresAt: number): Promise<void>
  /** The SUCCEEDED job whose result is remembered for that at the time `now`, if there is one. */
  findMemo(
    of: Pick<Job, 'ownerId' | 'task' | 'taskVersion'> & { readonly memoKey: string },
    now: number,
  ): Promise<Job | null>
}

/**
 * The processes that run jobs. A node lives as long as its lease; times are compared inside the database, so that two
 * machines' clocks need not agree.
 */
export interface Nodes {
  /** Enters the node, or renews its lease, for so many ms from now; `tasks` are those that it runs, with their versions. */
  renew(nodeId: string, leaseMs: number, tasks?: ReadonlyMap<string, string>): Promise<void>
  /** The nodes whose lease is good, each with the tasks that it runs and their versions. */
  live(): Promise<readonly { readonly id: string; readonly tasks: ReadonlyMap<string, string> }[]>
  /** Takes the node out: its running jobs are orphans from now on. */
  remove(nodeId: string): Promise<void>
  /** Takes every node out but this one. Only for who holds the store alone (the data folder's lock). */
  removeOthers(nodeId: string): Promise<void>
  /** Takes every node out. Only for who holds the store alone, before any node is entered. */
  removeAll(): Promise<void>
}
