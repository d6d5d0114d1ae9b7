import type { Clock } from '../../core/clock.ts'
import type { Job } from '../../core/job.ts'
import type { Logger } from '../../ports/logger.ts'
import type { ArtifactIntake } from './artifact-intake.ts'
import type { AttemptCosts } from './attempt-costs.ts'
import { toAttemptEnd } from './attempt-end.ts'
import { type AttemptRecorder, createAttemptRecorder } from './attempt-recorder.ts'
import type { BlobClearer } from './clear-blobs.ts'
import { persistently } from './persistently.ts'
import { prepareAttempt, type PreparationOptions } from './prepare-attempt.ts'
import { type AttemptEnd, settleAttempt } from './settle-attempt.ts'
import type { StartLine } from './start-line.ts'
import { writeJobs } from './write-jobs.ts'

export interface AttemptOptions extends PreparationOptions {
  readonly line: Pick<StartLine, 'run' | 'gathered'>
  readonly intake: ArtifactIntake
  readonly clearer: Pick<BlobClearer, 'clear'>
  readonly clock: Clock
  readonly logger: Logger
  /** A number from 0 to 1, for the pauses between attempts; random unless a test says otherwise. */
  readonly random?: () => number
  /** Told what each attempt has used before its end is written. */
  readonly costs?: Pick<AttemptCosts, 'note' | 'forget'>
}

/** One run of a job on this node. */
export interface Attempt {
  readonly job: Job
  /** Whether it is still to come to the start line. */
  readonly isWaiting: boolean
  /** Resolves, and never rejects, with the job as the attempt left it; `null` when it was not this attempt's to end. */
  readonly ended: Promise<Job | null>
  /** The job's cancel was asked for: stops the task. */
  cancel(): void
  /** The node shuts down: stops the task and puts the job back for others. */
  handBack(): void
  /** The job may be somebody else's by now: stops the task and writes nothing more. */
  abandon(): void
}

interface Computed {
  readonly end: AttemptEnd
  readonly cpuMs: number | null
}

/** What fails by us and not by the task: the owner is told no more of it. */
const unrunnable: Computed = { end: { type: 'lost', message: 'The server could not run it.' }, cpuMs: null }

/** Begins to run a job that was just claimed. */
export function startAttempt(options: AttemptOptions, job: Job): Attempt {
  const { store, line, tasks, clock, logger } = options
  const stop = new AbortController()
  const abandoned = new AbortController()
  let handingBack = false
  let isWaiting = true

  const recorder = createAttemptRecorder({
    ...options,
    job,
    signal: stop.signal,
    write: (work) => persistently(() => store.write(work), abandoned.signal),
    stale: abandon,
  })

  function abandon(): void {
    abandoned.abort()
    stop.abort()
  }

  async function compute(): Promise<Computed | null> {
    const prepared = await persistently(() => prepareAttempt(options, job, clock.now()), abandoned.signal)
    if (prepared.type === 'stale') return null
    if (prepared.type === 'end') return { end: prepared.end, cpuMs: null }
    if (stop.signal.aborted) return { end: { type: handingBack ? 'handedBack' : 'stopped' }, cpuMs: null }
    const running = line.run(prepared.request, recorder, stop.signal)
    isWaiting = false
    const outcome = await running
    if (outcome === null) return { end: { type: 'handedBack' }, cpuMs: null }
    await recorder.drained()
    const end = endOf(recorder) ?? toAttemptEnd(outcome, handingBack, tasks.find(job.task))
    return { end, cpuMs: outcome.cpuMs }
  }

  async function run(): Promise<Job | null> {
    const computed = await compute().catch((error: unknown) => {
      if (!abandoned.signal.aborted) logger.error({ jobId: job.id, error: String(error) }, 'A job could not be run.')
      return unrunnable
    })
    isWaiting = false
    return computed === null ? null : settle(options, job, computed, abandoned.signal)
  }

  return {
    job,
    get isWaiting() {
      return isWaiting
    },
    ended: run().catch((error: unknown) => leaveRunning(logger, job, error)),
    cancel: () => stop.abort(),
    handBack() {
      handingBack = true
      stop.abort()
    },
    abandon,
  }
}

/** The job stays RUNNING; the node's lease finds that nobody runs it and takes it back. */
function leaveRunning(logger: Logger, job: Job, error: unknown): null {
  logger.error({ jobId: job.id, error: String(error) }, 'The end of a job could not be written.')
  return null
}

/** What the task said that it must not ends the attempt, whatever came of it. */
function endOf({ violation }: AttemptRecorder): AttemptEnd | null {
  return violation === null ? null : { type: 'failed', error: violation, retries: null }
}

async function settle(
  options: AttemptOptions,
  job: Job,
  { end, cpuMs }: Computed,
  abandoned: AbortSignal,
): Promise<Job | null> {
  const { store, line, clearer, clock, logger, random, costs } = options
  await line.gathered()
  if (abandoned.aborted) return null
  costs?.note(job.id, cpuMs)
  const write = () =>
    writeJobs(store, (records) => settleAttempt(records, job, end, { at: clock.now(), cpuMs, random }))
  const settled = await persistently(write, abandoned).finally(() => costs?.forget(job.id))
  logger.debug({ jobId: job.id, task: job.task, state: settled?.job.state, end: end.type }, 'An attempt has ended.')
  clearer.clear(settled?.hashes ?? [])
  return settled?.job ?? null
}
