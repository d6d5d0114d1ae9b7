import type { MessagePort } from 'node:worker_threads'
import type { JobErrorCode, LogLevel } from '../core/job.ts'
import type { AttemptRequest, TaskDescription } from '../ports/compute-pool.ts'

/** What every thread is given when it starts. */
export interface ThreadData {
  readonly taskFiles: readonly string[]
  /** Of `ThreadSettings`; `null`: nobody sets anything. */
  readonly settings: SharedArrayBuffer | null
}

/**
 * What a thread does for an attempt. A plain task has one part, `run`; one in shards has a `plan`, then all shards at once,
 * then `reduce`. What they hand on to each other travels in ports from thread to thread: the main thread carries the ports
 * and never reads what is in them, however large it is.
 */
export type Part =
  | { readonly type: 'run' }
  | { readonly type: 'plan'; readonly threads: number }
  | {
      readonly type: 'shard'
      readonly index: number
      readonly of: number
      /** Holds one `ShardBaggage`. */
      readonly baggage: MessagePort
      /** Takes the shard's answer. */
      readonly answer: MessagePort
      /** The line to each shard, `null` in its own place. */
      readonly lines: readonly (MessagePort | null)[]
    }
  | {
      readonly type: 'reduce'
      /** Holds one `ReduceBaggage`. */
      readonly baggage: MessagePort
      /** Each holds the answer of a shard, in their order. */
      readonly answers: readonly MessagePort[]
    }

/** What `plan` hands to `reduce`: the input as it was parsed, once for all, and what it shares. */
export interface ReduceBaggage {
  readonly input: unknown
  readonly shared: unknown
}

/** What `plan` hands to a shard. */
export interface ShardBaggage extends ReduceBaggage {
  readonly part: unknown
}

/** What a thread is handed to run one part of an attempt. */
export interface AttemptOrder {
  readonly request: AttemptRequest
  /** The task's file. */
  readonly file: string
  readonly part: Part
  /** The part's own line to the main thread; the thread closes it. */
  readonly port: MessagePort
  /** See `Control`. */
  readonly control: SharedArrayBuffer
  readonly written: WrittenFilesOrder
}

/** Where a thread puts the files that the task writes. */
export interface WrittenFilesOrder {
  /** Of this attempt alone; made by the thread that writes the first. */
  readonly folder: string
  /** The most bytes of one file. */
  readonly maxBytes: number
}

/**
 * Main thread to thread, on the part's port. Partials are acknowledged one by one, in order; files are answered by number.
 */
export type ToThread =
  | { readonly type: 'stop' }
  | { readonly type: 'acknowledge' }
  | { readonly type: 'kept'; readonly file: number; readonly id: string }
  | { readonly type: 'refused'; readonly file: number; readonly message: string }

/** How the thread saw its part end. */
export type PartOutcome =
  /** `run` and `reduce`: the output is JSON text, which is what is kept of it. */
  | { readonly type: 'succeeded'; readonly json: string }
  /** `plan`: a port with the baggage of each shard and one with that of `reduce`. */
  | { readonly type: 'planned'; readonly shards: readonly MessagePort[]; readonly reduce: MessagePort }
  /** `shard`: its answer lies in the port. */
  | { readonly type: 'answered' }
  | { readonly type: 'failed'; readonly code: JobErrorCode; readonly message: string }

/** Thread to main thread, on the part's port, in the order in which the task spoke; `ended` is the last. */
export type FromThread =
  | { readonly type: 'started'; readonly threadId: number }
  | { readonly type: 'progress'; readonly fraction: number; readonly message: string | null }
  /** The counter has a total: it tells the progress from now on. */
  | { readonly type: 'counting' }
  | { readonly type: 'partial'; readonly json: string }
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string }
  /** The folder for files is about to be made. */
  | { readonly type: 'writing' }
  | {
      readonly type: 'file'
      readonly file: number
      readonly path: string
      readonly fileName: string
      readonly mediaType: string
    }
  /** The task's file cannot be loaded; `message` is for the operator. */
  | { readonly type: 'unloadable'; readonly message: string }
  /** `cpuMs`: what the thread computed for the part. */
  | { readonly type: 'ended'; readonly outcome: PartOutcome; readonly cpuMs: number }

/** What a thread is handed to describe all tasks. */
export interface DescribeOrder {
  /** Hears the name of each file before it is loaded, so that a file that ends the thread is known. */
  readonly port: MessagePort
}

export type DescribeAnswer =
  | { readonly type: 'described'; readonly tasks: readonly TaskDescription[] }
  | { readonly type: 'invalid'; readonly message: string }

/** An error that came after the attempt that caused it, told to the main thread outside any attempt. */
export interface LateError {
  readonly millraceLateError: { readonly jobId: string | null; readonly message: string }
}
