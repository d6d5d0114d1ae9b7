import type { JobError, LogLevel, Progress } from '../core/job.ts'
import type { JsonSchema } from '../core/json-schema.ts'
import type { ArtifactInput } from '../core/task.ts'

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
}

/** How an attempt ended. `lost` is the thread's end without the task's fault being known: the attempt may be made again. */
export type AttemptOutcome =
  | { readonly type: 'succeeded'; readonly output: unknown }
  | { readonly type: 'failed'; readonly error: JobError }
  | { readonly type: 'cancelled' }
  | { readonly type: 'lost'; readonly message: string }

/**
 * Threads that run tasks.
 *
 * Guaranteed: `run` never rejects for what a task does; it settles for every attempt, also when the task spins, exits the
 * process, throws what is no error or returns what cannot be cloned; the listener is not called after `run` has settled;
 * no task code runs in the calling thread. An abort of `signal` first asks the task to stop, then, after the task's grace,
 * ends its thread; the outcome is then `cancelled`, even if the task finished in between. A time-out is `failed` with
 * `TIMEOUT`. Output and partials were parsed by the task's zod schemas in the thread.
 * `succeeded` and `failed` come after every `partial` that the listener was given has been settled.
 * Callers must not have more than `threads` attempts under way: what is over that waits in the pool, and is `lost` at once
 * where 1,000 wait already.
 */
export interface ComputePool extends AsyncDisposable {
  readonly threads: number
  /** All loaded tasks, no two of one name. Rejects with a `TaskFileError` that names the file, the line and the remedy. */
  describe(): Promise<readonly TaskDescription[]>
  run(request: AttemptRequest, listener: AttemptListener, signal: AbortSignal): Promise<AttemptOutcome>
}

/** A task file that cannot be loaded: a start-up error. The message names file, line and what to do. */
export class TaskFileError extends Error {
  readonly code = 'TASK_FILE_INVALID'

  constructor(message: string) {
    super(message)
    this.name = 'TaskFileError'
  }
}
