import type { MessagePort } from 'node:worker_threads'
import { z } from 'zod'
import type { LogLevel } from './job.ts'

/** A file that was handed to the job, ready to be read by the thread that runs it. */
export interface ArtifactInput {
  readonly id: string
  readonly fileName: string
  readonly mediaType: string
  /** Bytes. */
  readonly size: number
  /** Where its bytes lie on this machine, read-only. */
  readonly path: string
}

/** A file that a task makes. */
export interface ArtifactOutput {
  /** Cleaned as that of an upload: no folders, at most 255 characters. */
  readonly fileName: string
  readonly mediaType: string
  /** The bytes, or what gives them piece by piece; a text is written as UTF-8. */
  readonly data: Uint8Array | string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** A number in shared memory that all shards of a job count up. */
export interface TaskCounter {
  /** Adds a whole number (1) and answers the count with it. Costs less than a tenth of a microsecond: fit for a hot loop. */
  add(by?: number): number
  readonly value: number
  /** What the count goes up to. Once it is set, `value / total` is the progress of the job, read off 10 times a second. */
  total: number
}

/** What a running task may do besides computing. One per attempt; each shard of a job has its own. */
export interface TaskContext<Partial = unknown> {
  readonly job: {
    readonly id: string
    /** Counted from 1, those that were lost or handed back as well: the number in the job's history. */
    readonly attempt: number
    /** The same in every attempt of the job: give it to outside services that take one. */
    readonly idempotencyKey: string
  }
  /** Aborted when the job is cancelled or out of time; the thread is ended `graceMs` later. Needs `await` to be noticed. */
  readonly signal: AbortSignal
  /** Throws when the job is to stop. Reads shared memory, so it also works inside a loop that never awaits. */
  throwIfCancelled(): void
  /**
   * Tells how far the job is, from 0 to 1. As cheap as an assignment: at most 10 reports a second leave the thread. The
   * progress of a job in shards is the mean of what they tell.
   */
  progress(fraction: number, message?: string): void
  readonly counter: TaskCounter
  /**
   * Sends a partial result, in order. Await it: it waits while 64 are on their way. Each may have 1 MiB of JSON, all of an
   * attempt 8 MiB together. One that does not fit the schema, or is over that, fails the attempt.
   */
  emit(partial: Partial): Promise<void>
  /** Writes a line to the job's stream. At most 1,000 lines an attempt, each cut at 4,000 characters. */
  log(level: LogLevel, text: string): void
  readonly artifacts: {
    /** The file behind an artifact id of the input. Throws for an id that was not part of the input. */
    open(id: string): ArtifactInput
    /**
     * Keeps a file for the job's owner and resolves with its id, for an `artifact()` of the output or of a partial result.
     * Rejects when it is over the size limit or the owner's quota. The files of an attempt that fails are removed.
     */
    write(file: ArtifactOutput): Promise<string>
  }
  /**
   * What `make` made when this thread first came by here with the key: a table, a compiled model. Kept for later attempts of
   * the same task on this thread, the 16 that were used last; so it must hold nothing of one job that another may not see.
   */
  scratch<Value>(key: string, make: () => Value): Value
}

/** What `plan` has besides: how many parts there may be. */
export interface PlanContext<Partial = unknown> extends TaskContext<Partial> {
  /** The most parts: as many as this process has threads, at most 64. */
  readonly threads: number
}

/** What all of a job's shards, and `reduce`, have before them. */
export interface SharedContext<Input, Partial, Shared> extends TaskContext<Partial> {
  readonly input: Input
  /** What `plan` gave: `SharedArrayBuffer`s in it are the same memory everywhere, all else is a copy. */
  readonly shared: Shared
}

/** One of the shards of a job, which all run at the same time. */
export interface Shard {
  /** From 0. */
  readonly index: number
  readonly of: number
  /**
   * Waits until all shards are here, blocking the thread. Throws when the job is to stop, or when a shard has ended and will
   * never come.
   */
  barrier(): void
  /** The line to another shard, the same each time; `receiveMessageOnPort` of `node:worker_threads` reads it without awaiting. */
  portTo(index: number): MessagePort
  /** Posts a message on the lines to all other shards. */
  broadcast(message: unknown): void
}

export interface ShardContext<Input, Partial, Shared> extends SharedContext<Input, Partial, Shared> {
  readonly shard: Shard
}

/** A job cut into parts. */
export interface ShardPlan<Part, Shared> {
  /** One for each shard, 1 to `context.threads` of them. Copied to the threads, so large data belongs into `shared`. */
  readonly parts: readonly Part[]
  /** Left out where the shards share nothing. */
  readonly shared?: Shared
}

/**
 * How a task runs on several threads at once: `plan` cuts the job, each part is run by a thread of its own, all at the same
 * time, and `reduce` joins what they answer. The buffers at the top of a shard's answer are transferred, not copied.
 */
export interface Shards<Input, Output, Partial, Part, Result, Shared> {
  plan(input: Input, context: PlanContext<Partial>): ShardPlan<Part, Shared> | Promise<ShardPlan<Part, Shared>>
  run(part: Part, context: ShardContext<Input, Partial, Shared>): Result | Promise<Result>
  /** Is given the answers in the order of the parts. */
  reduce(results: readonly Result[], context: SharedContext<Input, Partial, Shared>): Output | Promise<Output>
}

/** Whether a task may have the name: camelCase of at most 64 letters and digits, so that GraphQL takes it in every place. */
export function isTaskName(text: string): boolean {
  return /^[a-z][a-zA-Z0-9]{0,63}$/.test(text)
}

/** A length of time, such as `'90s'`, `'15m'`, `'12h'` or `'30d'`. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`

/** What every task has, however it runs. */
interface TaskHead<Input extends z.ZodType, Output extends z.ZodType, Partial extends z.ZodType> {
  /** camelCase (`isTaskName`); becomes the mutation's name and, with a capital, the prefix of its types. */
  readonly name: string
  /** One or two sentences; shown in GraphiQL. */
  readonly description: string
  /** Changes whenever the same input may give another output. `1` where it is not given. */
  readonly version?: string
  /** A zod object. */
  readonly input: Input
  /** A zod object, of at most 1 MiB of JSON: what is larger belongs into a file. */
  readonly output: Output
  /** A zod object that checks synchronously; only where the task emits partial results. */
  readonly partial?: Partial
  /** The attempt fails with `TIMEOUT` after so many ms. Without it there is no limit. */
  readonly timeoutMs?: number
  /** How long a cancelled or timed-out attempt may take to stop by itself before its thread is ended, in ms (2,000). */
  readonly graceMs?: number
  /**
   * How many attempts a job has, 1 to 20 (1), where they end by an error or by time-out. Between two lies a pause of up to
   * `baseMs` (1,000), twice as long each time, at most `capMs` (300,000), of random length.
   */
  readonly retries?: { readonly attempts: number; readonly baseMs?: number; readonly capMs?: number }
  /**
   * Declares the task pure and needs a `version`: for so long, the same input of the same owner is answered with the result
   * that there is, without being run.
   */
  readonly memoizeFor?: Duration
  /** The JavaScript heap that it may fill, in MiB (16 to 65,536), where the pool's own limit is not fit for it. Buffers do not count. */
  readonly memory?: { readonly heapMb: number }
  /** How many jobs of the task may run at once, on all processes together. Without it as many as there are threads. */
  readonly concurrency?: number
}

/** A task that one thread runs. */
export interface PlainTask<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Partial extends z.ZodType = z.ZodType,
> extends TaskHead<Input, Output, Partial> {
  run(input: z.output<Input>, context: TaskContext<z.input<Partial>>): z.input<Output> | Promise<z.input<Output>>
}

/** A task that several threads run at once. */
export interface ShardedTask<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Partial extends z.ZodType = z.ZodType,
  Part = unknown,
  Result = unknown,
  Shared = unknown,
> extends TaskHead<Input, Output, Partial> {
  readonly shards: Shards<z.output<Input>, z.input<Output>, z.input<Partial>, Part, Result, Shared>
}

/** A task: a function with described input and output that Millrace runs in threads. */
export type TaskDefinition = PlainTask | ShardedTask

/** Declares a task; the default export of a task file. Returns it as it is: this exists for the types. */
export function defineTask<Input extends z.ZodType, Output extends z.ZodType, Partial extends z.ZodType = z.ZodNever>(
  task: PlainTask<Input, Output, Partial>,
): PlainTask<Input, Output, Partial>
export function defineTask<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Part,
  Result,
  Partial extends z.ZodType = z.ZodNever,
  Shared = undefined,
>(
  task: ShardedTask<Input, Output, Partial, Part, Result, Shared>,
): ShardedTask<Input, Output, Partial, Part, Result, Shared>
export function defineTask(task: TaskDefinition): TaskDefinition {
  return task
}

/** The key in a JSON Schema that says: this string is the id of an artifact. */
export const artifactKeyword = 'artifact'

/**
 * The id of a file. In the input it is one that was uploaded: read it with `context.artifacts.open(id)`. In the output or a
 * partial result it is one that the task made with `context.artifacts.write(…)`: clients see an `Artifact` there.
 */
export function artifact(): z.ZodString {
  return z.string().meta({ [artifactKeyword]: true })
}
