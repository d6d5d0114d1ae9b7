import type { Clock } from '../../core/clock.ts'
import type { Job } from '../../core/job.ts'
import type { AttemptOutcome, ComputePool } from '../../ports/compute-pool.ts'
import type { Logger } from '../../ports/logger.ts'
import { type AttemptRecorder, createAttemptRecorder } from './attempt-recorder.ts'
import { jsonBytes } from './json-bytes.ts'
import { persistently } from './persistently.ts'
import { prepareAttempt, type PreparationOptions } from './prepare-attempt.ts'
import { type AttemptEnd, settleAttempt } from './settle-attempt.ts'

export interface AttemptOptions extends PreparationOptions {
  readonly pool: ComputePool
  readonly clock: Clock
  readonly logger: Logger
}

/** One run of a job on this node. */
export interface Attempt {
  readonly job: Job
  /** Resolves, and never rejects, with the job as the attempt left it; `null` when it was not this attempt's to end. */
  readonly ended: Promise<Job | null>
  /** The job's cancel was asked for: stops the task. */
  cancel(): void
  /** The node shuts down: stops the task and puts the job back for others. */
  handBack(): void
  /** The job may be somebody else's by now: stops the task and writes nothing more. */
  abandon(): void
}

/** The most bytes of JSON that an output may have; larger results are files. */
const maxOutputBytes = 8 * 2 ** 20

/** Begins to run a job that was just claimed. */
export function startAttempt(options: AttemptOptions, job: Job): Attempt {
  const { store, pool, clock, logger } = options
  const stop = new AbortController()
  const abandoned = new AbortController()
  let handingBack = false

  const recorder = createAttemptRecorder({
    job,
    clock,
    write: (work) => persistently(() => store.write(work), abandoned.signal),
    stale: abandon,
  })

  function abandon(): void {
    abandoned.abort()
    stop.abort()
  }

  async function compute(): Promise<AttemptEnd | null> {
    const prepared = await persistently(() => prepareAttempt(options, job, clock.now()), abandoned.signal)
    if (prepared.type === 'stale') return null
    if (prepared.type === 'end') return prepared.end
    if (stop.signal.aborted) return handingBack ? { type: 'handedBack' } : { type: 'stopped' }
    const outcome = await pool.run(prepared.request, recorder, stop.signal)
    await recorder.drained()
    return toEnd(outcome, recorder, handingBack)
  }

  /** What fails here is ours, not the task's: the owner is told no more of it. */
  function noteFailure(error: unknown): AttemptEnd {
    if (!abandoned.signal.aborted) logger.error({ jobId: job.id, error: String(error) }, 'A job could not be run.')
    return { type: 'lost', message: 'The server could not run it.' }
  }

  async function run(): Promise<Job | null> {
    const end = await compute().catch(noteFailure)
    if (end === null || abandoned.signal.aborted) return null
    const write = () => store.write((records) => settleAttempt(records, job, end, clock.now()))
    const settled = await persistently(write, abandoned.signal)
    logger.debug({ jobId: job.id, task: job.task, state: settled?.state, end: end.type }, 'An attempt has ended.')
    return settled
  }

  return {
    job,
    ended: run().catch((error: unknown) => {
      // The job stays RUNNING; the node's lease finds that nobody runs it and takes it back.
      logger.error({ jobId: job.id, error: String(error) }, 'The end of a job could not be written.')
      return null
    }),
    cancel: () => stop.abort(),
    handBack() {
      handingBack = true
      stop.abort()
    },
    abandon,
  }
}

function toEnd(outcome: AttemptOutcome, recorder: AttemptRecorder, handingBack: boolean): AttemptEnd {
  if (recorder.violation !== null) return { type: 'failed', error: recorder.violation }
  switch (outcome.type) {
    case 'succeeded':
      return toSuccess(outcome.output)
    case 'failed':
      return { type: 'failed', error: outcome.error }
    case 'cancelled':
      return handingBack ? { type: 'handedBack' } : { type: 'stopped' }
    case 'lost':
      return handingBack ? { type: 'handedBack' } : { type: 'lost', message: outcome.message }
  }
}

function toSuccess(output: unknown): AttemptEnd {
  const bytes = jsonBytes(output)
  if (bytes !== null && bytes <= maxOutputBytes) return { type: 'succeeded', output }
  const message =
    bytes === null
      ? 'The output is not JSON.'
      : `The output has ${bytes} bytes of JSON, more than the ${maxOutputBytes} that are allowed.`
  return { type: 'failed', error: { code: 'INVALID_OUTPUT', message } }
}
