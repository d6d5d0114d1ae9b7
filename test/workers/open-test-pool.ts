import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobError, Progress } from '../../src/core/job.ts'
import type { AttemptListener, AttemptRequest, ComputePool, WrittenFile } from '../../src/ports/compute-pool.ts'
import { openPool, type PoolOptions } from '../../src/workers/pool.ts'
import { collectingLogger, type CollectingLogger } from '../support/collecting-logger.ts'

const fixtures = join(import.meta.dirname, 'fixtures/tasks')

export interface TestPool extends ComputePool, Pick<CollectingLogger, 'lines'> {}

/** A pool of two threads with the tasks of `fixtures/tasks`. */
export async function openTestPool(options: Partial<PoolOptions> = {}): Promise<TestPool> {
  const logger = collectingLogger()
  const taskFiles = (await readdir(fixtures)).toSorted().map((name) => join(fixtures, name))
  return Object.assign(openPool({ threads: 2, taskFiles, logger, ...options }), { lines: logger.lines })
}

export type Said =
  | ({ readonly type: 'progress' } & Progress)
  | { readonly type: 'partial'; readonly data: unknown }
  | { readonly type: 'log'; readonly level: string; readonly text: string }
  | { readonly type: 'file'; readonly fileName: string; readonly mediaType: string; readonly text: string }

export interface Recorder extends AttemptListener {
  readonly said: Said[]
  /** Where the files lay that were handed over. */
  readonly paths: string[]
}

/** Writes down what a task says, in order; `onPartial` may hold the acknowledgement of a partial back. */
export function createRecorder(onPartial: () => Promise<void> = async () => undefined): Recorder {
  const said: Said[] = []
  const paths: string[] = []
  return {
    said,
    paths,
    progress: (progress) => void said.push({ type: 'progress', ...progress }),
    partial(data) {
      said.push({ type: 'partial', data })
      return onPartial()
    },
    log: (level, text) => void said.push({ type: 'log', level, text }),
    async file({ path, fileName, mediaType }: WrittenFile) {
      const id = `art_${paths.push(path)}`
      said.push({ type: 'file', fileName, mediaType, text: await readFile(path, 'latin1') })
      return id
    },
  }
}

/** How an attempt ended, with the output as a value and without its CPU time. */
export type Ended =
  | { readonly type: 'succeeded'; readonly output: unknown }
  | { readonly type: 'failed'; readonly error: JobError }
  | { readonly type: 'cancelled' }
  | { readonly type: 'lost'; readonly message: string }

/** Runs an attempt and leaves its CPU time out of how it ended. */
export async function run(
  pool: ComputePool,
  attempt: AttemptRequest,
  listener: AttemptListener,
  signal: AbortSignal = new AbortController().signal,
): Promise<Ended> {
  const { cpuMs: _, ...ended } = await pool.run(attempt, listener, signal)
  return ended.type === 'succeeded' ? { type: 'succeeded', output: JSON.parse(ended.json) } : ended
}

export function request(task: string, input: unknown, overrides: Partial<AttemptRequest> = {}): AttemptRequest {
  return { task, input, job: { id: 'job_test', attempt: 1, idempotencyKey: 'key' }, artifacts: [], ...overrides }
}

/** Runs a task to its end with nobody listening. */
export function runTask(
  pool: ComputePool,
  task: string,
  input: unknown,
  signal: AbortSignal = new AbortController().signal,
): Promise<Ended> {
  return run(pool, request(task, input), createRecorder(), signal)
}

export function failure(code: JobError['code'], message: string): Ended {
  return { type: 'failed', error: { code, message } }
}

/** Waits until the condition holds, for at most 5 seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('The condition did not come to hold within 5 seconds.')
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}
