import type { ArtifactInput, TaskContext } from '../../core/task.ts'
import type { TaskDefinition } from '../../task.ts'
import { isStopped, viewControl, type Control } from '../control.ts'
import type { AttemptOrder, FromThread, ToThread } from '../messages.ts'
import { createCounter } from './counter.ts'
import { createFileSender, type FileSender } from './file-sender.ts'
import { createJobLog } from './job-log.ts'
import { createPartialSender, type PartialSender } from './partial-sender.ts'
import { createProgressReporter } from './progress-reporter.ts'
import { createScratch } from './scratch.ts'

/** The context of one part of an attempt, with the handles by which the thread steers it. */
export interface AttemptContext {
  readonly context: TaskContext
  readonly control: Control
  readonly files: FileSender
  /** Aborts the context's signal; answers what the task is told. */
  stop(): Error
  /** The main thread has said something. */
  hear(message: ToThread): void
  /** Resolves once all that the task sent has reached the main thread, or the job is to stop; rejects with what went wrong. */
  sent(): Promise<void>
  /** Sends the last progress; nothing that the task says from now on leaves the thread. */
  close(): void
}

/** What tasks keep on this thread. */
const scratch = createScratch()

/** Builds what a task is given besides its input. */
export function createAttemptContext(
  task: TaskDefinition,
  order: AttemptOrder,
  post: (message: FromThread) => void,
): AttemptContext {
  const { request } = order
  const control = viewControl(order.control)
  const controller = new AbortController()
  const { signal } = controller
  let closed = false
  let reason: Error | null = null
  const progress = createProgressReporter((report) => post({ type: 'progress', ...report }))
  const say = (message: FromThread): void => {
    if (closed) return
    progress.flush()
    post(message)
  }
  const partials = createPartialSender(task.partial ?? null, control, say)
  const prefix = order.part.type === 'shard' ? `shard-${order.part.index}` : order.part.type
  const files = createFileSender({ order: order.written, prefix, signal, throwIfCancelled, post: say })

  function stop(): Error {
    reason ??= new Error('The job is to stop.')
    controller.abort(reason)
    return reason
  }

  function throwIfCancelled(): void {
    // A task that looks here never awaits: the message that aborts the signal has not been read yet.
    if (isStopped(control)) throw stop()
  }

  const context: TaskContext = {
    job: request.job,
    signal,
    throwIfCancelled,
    progress: progress.report,
    counter: createCounter(control, () => say({ type: 'counting' })),
    emit: partials.emit,
    log: createJobLog(say, control),
    artifacts: { open: (id) => openArtifact(request.artifacts, id), write: files.write },
    scratch: (key, make) => scratch.get(task.name, key, make),
  }

  return {
    context,
    control,
    files,
    stop,
    hear: (message) => hear(message, { stop, partials, files }),
    sent: () => sent(signal, partials, files),
    close: () => {
      progress.flush()
      closed = true
      for (const sender of [progress, partials, files]) sender.close()
    },
  }
}

interface Hearing {
  readonly partials: PartialSender
  readonly files: FileSender
  stop(): Error
}

function hear(message: ToThread, { stop, partials, files }: Hearing): void {
  if (message.type === 'stop') stop()
  else if (message.type === 'acknowledge') partials.acknowledge()
  else files.answer(message)
}

async function sent(signal: AbortSignal, partials: PartialSender, files: FileSender): Promise<void> {
  if (partials.waiting > 0 || files.unsettled > 0) await untilSent(signal, partials, files)
  if (partials.failure !== null) throw partials.failure
}

async function untilSent(signal: AbortSignal, partials: PartialSender, files: FileSender): Promise<void> {
  const stopped = Promise.withResolvers<void>()
  // Nobody acknowledges anything once the job is to stop.
  signal.addEventListener('abort', () => stopped.resolve(), { once: true })
  if (signal.aborted) stopped.resolve()
  await Promise.race([Promise.all([partials.sent(), files.settled()]), stopped.promise])
}

function openArtifact(artifacts: readonly ArtifactInput[], id: string): ArtifactInput {
  const found = artifacts.find((artifact) => artifact.id === id)
  if (found === undefined) throw new Error(`The artifact "${id}" is not part of the job's input.`)
  return found
}
