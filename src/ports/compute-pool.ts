import type { Distribution } from '../core/distribution.ts'
import type { JobError, LogLevel, Progress } from '../core/job.ts'
import type { JsonSchema } from '../core/json-schema.ts'
import type { ThreadMemory } from '../core/memory.ts'
import type { ArtifactInput } from '../core/task.ts'

/** How often a job is tried, and the pauses (`backoffMs`) in between. */
export interface RetryPolicy {
  /** At least 1. */
  readonly attempts: number
  readonly baseMs: number
  readonly capMs: number
}

/** What a thread tells of a task that it loaded; the main thread never imports a task itself. */
export interface TaskDescription {
  /** A name as `isTaskName` has it. */
  readonly name: string
  readonly description: string
  readonly version: string
  /** What a caller may send (zod `io: 'input'`). */
  readonly inputSchema: JsonSchema
  /** What the task answers (zod `io: 'output'`). */
  readonly outputSchema: JsonSchema
  readonly partialSchema: JsonSchema | null
  readonly timeoutMs: number | null
  readonly graceMs: number
  readonly retries: RetryPolicy
  /** For how long a result is remembered; `null` where it is not. */
  readonly memoizeForMs: number | null
  /** MiB; `null`: that of the pool. */
  readonly heapMb: number | null
  /** How many of its jobs may run at once, on all nodes together; `null`: any number. */
  readonly concurrency: number | null
  readonly sharded: boolean
  /** The file that it came from. */
  readonly file: string
}

export interface AttemptRequest {
  readonly task: string
  readonly job: { readonly id: string; readonly attempt: number; readonly idempotencyKey: string }
  readonly input: unknown
  readonly artifacts: readonly ArtifactInput[]
}

/** Hears of an attempt while it runs. Called in the order in which the task spoke. */
export interface AttemptListener {
  progress(progress: Progress): void
  /** The thread may send 64 partials ahead of this promise; its rejection ends the attempt. */
  partial(data: unknown): Promise<void>
  log(level: LogLevel, text: string): void
  /**
   * Keeps a file that the task wrote at `path`, a file of its own which is removed once this has settled. Resolves with the
   * artifact's id; what it rejects with is told to the task.
   */
  file(file: WrittenFile): Promise<string>
}

/** A file that a task wrote, not yet an artifact. */
export interface WrittenFile {
  readonly path: string
  readonly fileName: string
  readonly mediaType: string
}

/**
 * How an attempt ended. `lost` is the thread's end without the task's fault being known: the attempt may be made again.
 * `json` is the output as text, to be kept as it is.
 */
export type AttemptOutcome = (
  | { readonly type: 'succeeded'; readonly json: string }
  | { readonly type: 'failed'; readonly error: JobError }
  | { readonly type: 'cancelled' }
  | { readonly type: 'lost'; readonly message: string }
) & {
  /** CPU time of all its threads; `null` where one was ended before it could tell. */
  readonly cpuMs: number | null
}

/** What the pool is doing, and how long things took since it was opened (ms). */
export interface PoolStatistics {
  readonly threads: number
  /** How many of them are there, or on their way up: fewer where threads cannot be started. */
  readonly up: number
  /** Threads that an attempt occupies, zombies not among them. */
  readonly busy: number
  /** Threads that were ended and are still there, because native code holds them: their cores are taken. */
  readonly zombies: number
  /** Attempts that wait for their threads. */
  readonly waiting: number
  /** From being given to the pool to the task's first line. */
  readonly wait: Distribution
  /** From there to the end. */
  readonly run: Distribution
  /** The same of each task that has run here. */
  readonly tasks: readonly { readonly task: string; readonly running: number; readonly run: Distribution }[]
}

/** The heap of a thread, and what it did. */
export interface PoolThreadMemory extends ThreadMemory {
  /** The tasks that it ran last, newest first, at most 5. */
  readonly recentTasks: readonly string[]
  /** How many parts of attempts it has begun. */
  readonly runs: number
}

/**
 * Threads that run tasks.
 *
 * Guaranteed: `run` never rejects for what a task does; it settles for every attempt, also when the task spins, exits the
 * process, throws what is no error or returns what cannot be cloned; the listener is not called after `run` has settled;
 * no task code runs in the calling thread. An abort of `signal` first asks the task to stop, then, after the task's grace,
 * ends its thread; the outcome is then `cancelled`, even if the task finished in between. A time-out is `failed` with
 * `TIMEOUT`. Output and partials were parsed by the task's zod schemas in the thread.
 * `succeeded` and `failed` come after every `partial` and `file` that the listener was given has been settled.
 * A sharded task occupies one thread for each part, all of them or none: attempts get threads in the order in which they
 * came, so that neither many small ones starve a large one nor two large ones hold half of the threads each. While a large
 * one waits, others get threads every now and then: it has them reserved for a second, then others may pass for as long, then
 * for twice as long, and so on, up to a minute. Cancel, time-out, failure and the loss of one shard are those of the whole
 * attempt.
 * Callers must not begin more than `free` attempts: what is over that waits in the pool, and is `lost` at once where 1,000
 * wait already.
 */
export interface ComputePool extends AsyncDisposable {
  readonly threads: number
  /** How many attempts of one thread could begin at once: threads that nothing occupies and nobody has reserved; never below 0. */
  readonly free: number
  /** Hears when `free` has grown; call the result to stop. */
  onFree(listener: () => void): () => void
  /** All loaded tasks, no two of one name. Rejects with a `TaskFileError` that names the file, the line and the remedy. */
  describe(): Promise<readonly TaskDescription[]>
  run(request: AttemptRequest, listener: AttemptListener, signal: AbortSignal): Promise<AttemptOutcome>
  statistics(): PoolStatistics
  /**
   * The heaps of all threads that answer within a second; those that spin do, those that native code holds are left out. The
   * threads stop for less than 1 ms. Never rejects.
   */
  memory(): Promise<readonly PoolThreadMemory[]>
  /**
   * Has a thread collect all its garbage, and tells what it holds then. That thread, not the caller's, stands still meanwhile, up to
   * 1 ms for each MB. `null` where there is no such thread, it does not answer within 10 seconds, or Node cannot do it
   * (before 24.9). Never rejects.
   */
  collect(threadId: number): Promise<PoolThreadMemory | null>
  /**
   * Has a thread write a snapshot of its heap into the file, which is there; resolves with the ms for which it stood still, 30 to
   * 120 for each MB. That thread, not the caller's, stands still: an attempt on it is late by as much, which its time limit does not
   * count, and so is one that comes to it meanwhile. An attempt that is cancelled ends its thread only when the snapshot is there.
   * Rejects with a `ThreadHeapError` where there is no such thread, it computes for a minute without a pause, it takes longer than ten
   * minutes, or ends, and when `signal` is aborted; with what writing fails with otherwise.
   */
  heapSnapshot(threadId: number, path: string, signal: AbortSignal): Promise<number>
  /**
   * Loads these task files in new threads and describes them. Attempts that begin after it resolved run on the new threads,
   * those under way end on the old. Before that `accept` sees the descriptions. Rejects with a `TaskFileError`, or with what
   * `accept` throws, and all stays as it was.
   */
  reload(
    taskFiles: readonly string[],
    accept?: (descriptions: readonly TaskDescription[]) => void,
  ): Promise<readonly TaskDescription[]>
}

/** No heap snapshot of a thread can be had, through nobody's fault. The message is a sentence for people. */
export class ThreadHeapError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ThreadHeapError'
  }
}

/** A task file that cannot be loaded: a start-up error. The message names file, line and what to do. */
export class TaskFileError extends Error {
  readonly code = 'TASK_FILE_INVALID'

  constructor(message: string) {
    super(message)
    this.name = 'TaskFileError'
  }
}
