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

/** What a running task may do besides computing. One per attempt. */
export interface TaskContext<Partial = unknown> {
  readonly job: {
    readonly id: string
    /** Counted from 1. */
    readonly attempt: number
    /** The same in every attempt of the job: give it to outside services that take one. */
    readonly idempotencyKey: string
  }
  /** Aborted when the job is cancelled or out of time; the thread is ended `graceMs` later. Needs `await` to be noticed. */
  readonly signal: AbortSignal
  /** Throws when the job is to stop. Reads shared memory, so it also works inside a loop that never awaits. */
  throwIfCancelled(): void
  /** Tells how far the job is, from 0 to 1. As cheap as an assignment: at most 10 reports a second leave the thread. */
  progress(fraction: number, message?: string): void
  /**
   * Sends a partial result, in order. Await it: it waits while 64 are on their way. All of an attempt may have 8 MiB of JSON
   * together. One that does not fit the schema, or is over that, fails the attempt.
   */
  emit(partial: Partial): Promise<void>
  /** Writes a line to the job's stream. At most 1,000 lines an attempt, each cut at 4,000 characters. */
  log(level: LogLevel, text: string): void
  readonly artifacts: {
    /** The file behind an artifact id of the input. Throws for an id that was not part of the input. */
    open(id: string): ArtifactInput
  }
}

/** Whether a task may have the name: camelCase of at most 64 letters and digits, so that GraphQL takes it in every place. */
export function isTaskName(text: string): boolean {
  return /^[a-z][a-zA-Z0-9]{0,63}$/.test(text)
}

/** A task: a function with described input and output that Millrace runs in a thread. */
export interface TaskDefinition<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Partial extends z.ZodType = z.ZodType,
> {
  /** camelCase (`isTaskName`); becomes the mutation's name and, with a capital, the prefix of its types. */
  readonly name: string
  /** One or two sentences; shown in GraphiQL. */
  readonly description: string
  /** Changes whenever the same input may give another output. `1` where it is not given. */
  readonly version?: string
  /** A zod object. */
  readonly input: Input
  /** A zod object, of at most 8 MiB of JSON: what is larger belongs into a file. */
  readonly output: Output
  /** A zod object that checks synchronously; only where the task emits partial results. */
  readonly partial?: Partial
  /** The attempt fails with `TIMEOUT` after so many ms. Without it there is no limit. */
  readonly timeoutMs?: number
  /** How long a cancelled or timed-out attempt may take to stop by itself before its thread is ended, in ms (2,000). */
  readonly graceMs?: number
  run(input: z.output<Input>, context: TaskContext<z.input<Partial>>): z.input<Output> | Promise<z.input<Output>>
}

/** Declares a task; the default export of a task file. Returns it as it is: this exists for the types. */
export function defineTask<Input extends z.ZodType, Output extends z.ZodType, Partial extends z.ZodType = z.ZodNever>(
  task: TaskDefinition<Input, Output, Partial>,
): TaskDefinition<Input, Output, Partial> {
  return task
}

/** The key in a JSON Schema that says: this string is the id of an artifact. */
export const artifactKeyword = 'artifact'

/** An input field that takes the id of an uploaded file; read it with `context.artifacts.open(id)`. */
export function artifact(): z.ZodString {
  return z.string().meta({ [artifactKeyword]: true })
}
