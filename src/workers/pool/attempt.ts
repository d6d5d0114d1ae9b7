import type { AttemptListener, AttemptOutcome, AttemptRequest, TaskDescription } from '../../ports/compute-pool.ts'
import type { Logger } from '../../ports/logger.ts'
import { createControl, type Control } from '../control.ts'
import { type AttemptEnd, attemptEndOf, closed } from './attempt-end.ts'
import { createBrake, type Brake } from './brake.ts'
import { Hearing } from './hearing.ts'
import { runSharded } from './run-sharded.ts'
import type { Slots } from './slots.ts'
import { createStage, type Stage } from './stage.ts'
import type { Standstills } from './standstills.ts'
import type { ThreadRoster } from './thread-roster.ts'
import type { Threads } from './thread-run.ts'
import type { WrittenFiles, WrittenFolder } from './written-files.ts'

/** What all attempts of a pool have in common. */
export interface AttemptSettings {
  /** How many threads there are. */
  readonly threads: number
  readonly slots: Slots
  readonly roster: ThreadRoster
  readonly standstills: Standstills
  readonly files: WrittenFiles
  readonly maxFileBytes: number
  readonly logger: Logger
  readonly startDeadlineMs: number
  /** What is to be called when the pool closes; empty once it has. */
  readonly onClosing: Set<() => void>
}

export interface AttemptOptions {
  readonly threads: Threads
  readonly description: TaskDescription
  readonly request: AttemptRequest
  readonly listener: AttemptListener
  /** The task's first line is run. */
  onStart(): void
}

/**
 * Runs an attempt to its end, on however many threads. Never rejects; when it resolves the listener is not called any more,
 * and all its threads are given back but those that do not go.
 */
export async function runAttempt(
  settings: AttemptSettings,
  options: AttemptOptions,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { graceMs } = options.description
  const attempt = prepareAttempt(settings, options)
  const { brake, hearing, stage, folder, abandoned } = attempt
  const onAbort = (): void => attempt.abandon({ type: 'cancelled' }, graceMs)
  const onClosing = (): void => attempt.abandon(closed, 0)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  settings.onClosing.add(onClosing)
  const end = await runParts(settings, options, attempt)
  attempt.clearTimeout()
  hearing.end()
  const { settled } = hearing
  if (settled !== null) await Promise.race([settled, abandoned])
  signal.removeEventListener('abort', onAbort)
  settings.onClosing.delete(onClosing)
  if (folder.hasBegun) {
    const removed = Promise.all([settled, stage.gone]).then(() => folder.remove())
    // Who stops an attempt does not wait for what its threads still do.
    if (brake.reason === null) await removed
  }
  // A cancelled job is cancelled, whatever else became of it.
  const outcome: AttemptEnd = signal.aborted ? { type: 'cancelled' } : (brake.reason ?? end)
  return { ...outcome, cpuMs: stage.cpuMs }
}

interface PreparedAttempt {
  readonly control: Control
  readonly brake: Brake
  readonly hearing: Hearing
  readonly stage: Stage
  readonly folder: WrittenFolder
  /** Resolves when nobody waits any more for what the listener does. */
  readonly abandoned: Promise<void>
  /** Stops it and waits for no more than the threads. */
  abandon(as: AttemptEnd, graceMs: number): void
  clearTimeout(): void
}

function prepareAttempt(settings: AttemptSettings, options: AttemptOptions): PreparedAttempt {
  const { description, request, listener, threads } = options
  const { promise: abandoned, resolve: giveUp } = Promise.withResolvers<void>()
  const control = createControl()
  const brake = createBrake(control)
  const folder = settings.files.newFolder()
  const threadIds = new Set<number>()
  let clearTimeout = () => {}
  let hasStarted = false

  function abandon(as: AttemptEnd, graceMs: number): void {
    brake.stop(as, graceMs)
    giveUp()
  }

  function onStart(): void {
    if (hasStarted) return
    hasStarted = true
    options.onStart()
    const { timeoutMs, graceMs } = description
    if (timeoutMs === null) return
    const message = `The task took longer than the ${timeoutMs.toLocaleString('en')} ms it may take.`
    const stop = () => brake.stop({ type: 'failed', error: { code: 'TIMEOUT', message } }, graceMs)
    clearTimeout = settings.standstills.after(timeoutMs, (threadId) => threadIds.has(threadId), stop)
  }

  const hearing = new Hearing({
    listener,
    control,
    folder,
    refused(error) {
      // Who listens cannot keep what the task says: the attempt is worth nothing any more.
      const why = error instanceof Error ? error.message : String(error)
      abandon({ type: 'lost', message: `What the task said could not be kept: ${why}` }, description.graceMs)
    },
  })
  const written = { folder: folder.path, maxBytes: settings.maxFileBytes }
  const stage = createStage({
    ...settings,
    threads,
    brake,
    control,
    description,
    request,
    written,
    hear(message, from) {
      if (message.type === 'started') {
        settings.roster.enter(message.threadId, request.task, from.life)
        // A task could claim others.
        if (threadIds.size <= settings.threads) threadIds.add(message.threadId)
        onStart()
      } else if (message.type === 'unloadable') settings.logger.error({ task: description.name }, message.message)
      else if (message.type !== 'ended') hearing.hear(message, from)
    },
  })
  return { control, brake, hearing, stage, folder, abandoned, abandon, clearTimeout: () => clearTimeout() }
}

async function runParts(
  settings: AttemptSettings,
  { description }: AttemptOptions,
  { stage, brake, hearing, control }: PreparedAttempt,
): Promise<AttemptEnd> {
  if (description.sharded) {
    const { graceMs } = description
    const usable = () => settings.threads - settings.slots.stranded
    return runSharded({ stage, brake, hearing, control, threads: usable, graceMs })
  }
  const taken = await stage.take(1)
  if ('type' in taken) return taken
  const end = await stage.perform({ type: 'run' })
  for (const slot of taken) stage.leave(slot, end)
  return attemptEndOf(end)
}
