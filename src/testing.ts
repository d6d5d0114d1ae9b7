import { readFile, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newId } from './core/ids.ts'
import type { JobErrorCode, LogLevel, Progress } from './core/job.ts'
import type { ArtifactInput, TaskDefinition } from './core/task.ts'
import type { AttemptListener, TaskDescription } from './ports/compute-pool.ts'
import type { Logger } from './ports/logger.ts'
import { cleanFileName, cleanMediaType } from './services/jobs/artifact-names.ts'
import { createTaskCatalogue } from './services/jobs/task-catalogue.ts'
import type { z } from './task.ts'
import { openPool } from './workers/pool.ts'

/** The package entry `millrace/testing`: what a task file does in real threads, without a server. */

/** A file that the task wrote. */
export interface WrittenArtifact {
  readonly id: string
  readonly fileName: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** What a task said and answered. */
export interface TaskRun<Task extends TaskDefinition = TaskDefinition> {
  readonly output: z.output<Task['output']>
  readonly partials: readonly z.output<NonNullable<Task['partial']>>[]
  readonly logs: readonly { readonly level: LogLevel; readonly text: string }[]
  /** In the order in which they were written. */
  readonly artifacts: readonly WrittenArtifact[]
  /** CPU time of all threads; `null` where it is not known. */
  readonly cpuMs: number | null
}

/** A task that did not succeed; the code is that of the job's error, or CANCELLED. */
export class TaskRunError extends Error {
  readonly code: JobErrorCode | 'CANCELLED'

  constructor(code: TaskRunError['code'], message: string) {
    super(message)
    this.name = 'TaskRunError'
    this.code = code
  }
}

/** What is heard while the task runs. */
export interface TaskListener {
  progress?(progress: Progress): void
  partial?(data: unknown): void
  log?(level: LogLevel, text: string): void
}

export interface RunTaskOptions {
  /** Paths of files that the task may open, by the ids under which the input names them. */
  readonly files?: Readonly<Record<string, string>>
  /** How many threads there are; the machine's cores when it is not given. */
  readonly threads?: number
  readonly signal?: AbortSignal
  readonly listener?: TaskListener
  /** Hears what the operator of a server would; nobody does by default. */
  readonly logger?: Logger
}

/** A task file that is loaded in threads of its own. Dispose of it to end them. */
export interface LoadedTask<Task extends TaskDefinition = TaskDefinition> extends AsyncDisposable {
  readonly description: TaskDescription
  /** Throws an `InvalidInputError` for an input that a server would refuse, and a `TaskRunError`. */
  run(input: z.input<Task['input']>, options?: Omit<RunTaskOptions, 'threads' | 'logger'>): Promise<TaskRun<Task>>
}

/** Loads a task file (a path or a `file:` URL) as a server does. Throws a `TaskFileError`. */
export async function loadTask<Task extends TaskDefinition = TaskDefinition>(
  file: string | URL,
  { threads = availableParallelism(), logger = silentLogger }: Pick<RunTaskOptions, 'threads' | 'logger'> = {},
): Promise<LoadedTask<Task>> {
  await using opened = new AsyncDisposableStack()
  const path = typeof file === 'string' && !file.startsWith('file:') ? file : fileURLToPath(file)
  const pool = opened.use(openPool({ threads, taskFiles: [path], logger }))
  const descriptions = await pool.describe()
  const catalogue = createTaskCatalogue(descriptions)
  const [description] = descriptions
  if (description === undefined) throw new Error(`${path} was not described.`)
  const resources = opened.move()

  return {
    description,
    async run(given, { files = {}, signal = new AbortController().signal, listener = {} } = {}) {
      const { input } = catalogue.parseInput(description.name, given)
      const collecting = collect(listener)
      const job = { id: newId('job'), attempt: 1, idempotencyKey: newId('job') }
      const request = { task: description.name, job, input, artifacts: await describeFiles(files) }
      const outcome = await pool.run(request, collecting.listener, signal)
      // What the threads parsed with the task's own schemas.
      if (outcome.type === 'succeeded') {
        const output: unknown = JSON.parse(outcome.json)
        return { ...collecting.heard, output, cpuMs: outcome.cpuMs } as unknown as TaskRun<Task>
      }
      if (outcome.type === 'failed') throw new TaskRunError(outcome.error.code, outcome.error.message)
      if (outcome.type === 'lost') throw new TaskRunError('CRASHED', outcome.message)
      throw new TaskRunError('CANCELLED', 'The task was stopped.')
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** Runs a task file once: `loadTask`, `run`, and its threads ended. */
export async function runTask<Task extends TaskDefinition = TaskDefinition>(
  file: string | URL,
  input: z.input<Task['input']>,
  options: RunTaskOptions = {},
): Promise<TaskRun<Task>> {
  await using task = await loadTask<Task>(file, options)
  return await task.run(input, options)
}

type Heard = Omit<TaskRun, 'output' | 'cpuMs'>

function collect(listener: TaskListener): { readonly listener: AttemptListener; readonly heard: Heard } {
  const partials: Record<string, unknown>[] = []
  const logs: { level: LogLevel; text: string }[] = []
  const artifacts: WrittenArtifact[] = []
  return {
    heard: { partials, logs, artifacts },
    listener: {
      progress: (progress) => listener.progress?.(progress),
      async partial(data) {
        // Partial results are objects: the thread parsed them.
        partials.push(data as Record<string, unknown>)
        listener.partial?.(data)
      },
      log(level, text) {
        logs.push({ level, text })
        listener.log?.(level, text)
      },
      async file({ path, fileName, mediaType }) {
        const names = { fileName: cleanFileName(fileName), mediaType: cleanMediaType(mediaType) }
        const artifact = { id: newId('artifact'), ...names, bytes: await readFile(path) }
        artifacts.push(artifact)
        return artifact.id
      },
    },
  }
}

async function describeFiles(files: Readonly<Record<string, string>>): Promise<readonly ArtifactInput[]> {
  return Promise.all(
    Object.entries(files).map(async ([id, path]) => {
      const { size } = await stat(path)
      return { id, fileName: basename(path), mediaType: 'application/octet-stream', size, path }
    }),
  )
}

const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
