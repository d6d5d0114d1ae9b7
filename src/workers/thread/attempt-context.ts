import type { ArtifactInput, TaskContext } from '../../core/task.ts'
import type { AttemptRequest } from '../../ports/compute-pool.ts'
import type { TaskDefinition } from '../../task.ts'
import type { FromThread } from '../messages.ts'
import { createJobLog } from './job-log.ts'
import { createPartialSender, type PartialSender } from './partial-sender.ts'
import { createProgressReporter, type ProgressReporter } from './progress-reporter.ts'

/** The context of one attempt, with the handles by which the thread steers it. */
export interface AttemptContext {
  readonly context: TaskContext
  readonly partials: PartialSender
  readonly progress: ProgressReporter
  /** Aborts the context's signal. */
  stop(): void
  /** Nothing that the task says from now on leaves the thread. */
  close(): void
}

/** Builds what a task is given besides its input. `stopFlag[0]` other than 0 means: stop. */
export function createAttemptContext(
  task: TaskDefinition,
  request: AttemptRequest,
  stopFlag: Int32Array<SharedArrayBuffer>,
  post: (message: FromThread) => void,
): AttemptContext {
  const controller = new AbortController()
  let closed = false
  const progress = createProgressReporter((report) => post({ type: 'progress', ...report }))
  const partials = createPartialSender(task.partial ?? null, (json) => {
    progress.flush()
    post({ type: 'partial', json })
  })
  const log = createJobLog((level, text) => {
    if (closed) return
    progress.flush()
    post({ type: 'log', level, text })
  })

  function stop(): void {
    if (!controller.signal.aborted) controller.abort(new Error('The job is to stop.'))
  }

  const context: TaskContext = {
    job: request.job,
    signal: controller.signal,
    throwIfCancelled() {
      if (Atomics.load(stopFlag, 0) === 0) return
      // A task that looks here never awaits: the message that aborts the signal has not been read yet.
      stop()
      throw controller.signal.reason
    },
    progress: progress.report,
    emit: partials.emit,
    log,
    artifacts: { open: (id) => openArtifact(request.artifacts, id) },
  }

  function close(): void {
    closed = true
    progress.close()
    partials.close()
  }

  return { context, partials, progress, stop, close }
}

function openArtifact(artifacts: readonly ArtifactInput[], id: string): ArtifactInput {
  const found = artifacts.find((artifact) => artifact.id === id)
  if (found === undefined) throw new Error(`The artifact "${id}" is not part of the job's input.`)
  return found
}
