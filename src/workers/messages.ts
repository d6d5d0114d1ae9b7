import type { MessagePort } from 'node:worker_threads'
import type { JobErrorCode, LogLevel } from '../core/job.ts'
import type { AttemptRequest, TaskDescription } from '../ports/compute-pool.ts'

/** What every thread is given when it starts. */
export interface ThreadData {
  readonly taskFiles: readonly string[]
}

/** What a thread is handed to run one attempt. */
export interface AttemptOrder {
  readonly request: AttemptRequest
  /** The task's file. */
  readonly file: string
  /** The attempt's own line to the main thread; the thread closes it. */
  readonly port: MessagePort
  /** One 32-bit number: not 0 once the task is to stop. Shared, so that a loop that never awaits can read it. */
  readonly stopFlag: SharedArrayBuffer
}

/**
 * Main thread to thread, on the attempt's port. Partials are acknowledged one by one, in order.
 */
export type ToThread = { readonly type: 'stop' } | { readonly type: 'acknowledge' }

/** How the thread saw the attempt end; the output is JSON text, which is what is kept of it. */
export type ThreadOutcome =
  | { readonly type: 'succeeded'; readonly json: string }
  | { readonly type: 'failed'; readonly code: JobErrorCode; readonly message: string }

/** Thread to main thread, on the attempt's port, in the order in which the task spoke; `ended` is the last. */
export type FromThread =
  | { readonly type: 'started'; readonly threadId: number }
  | { readonly type: 'progress'; readonly fraction: number; readonly message: string | null }
  | { readonly type: 'partial'; readonly json: string }
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string }
  /** The task's file cannot be loaded; `message` is for the operator. */
  | { readonly type: 'unloadable'; readonly message: string }
  | { readonly type: 'ended'; readonly outcome: ThreadOutcome }

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
