import { isTerminal, type Job, type JobStateChange } from '../../core/job.ts'
import type { LoggedEvent } from '../../ports/event-log.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Meter } from '../../ports/meter.ts'
import type { AttemptCosts } from './attempt-costs.ts'
import { isOnTime } from './claim-jobs.ts'
import { isJobTopic, readJobEvent } from './job-log.ts'
import type { TaskCatalogue } from './task-catalogue.ts'

export interface JobObserverOptions {
  readonly tasks: Pick<TaskCatalogue, 'find'>
  readonly meter: Meter
  readonly logger: Pick<Logger, 'info'>
  readonly costs: Pick<AttemptCosts, 'of'>
}

/** The most attempts that are remembered from their beginning on: those that others end are never heard of again. */
const maxRunning = 10_000

interface Running {
  readonly fence: number
  readonly startedAt: number
}

/**
 * What counts the jobs by what is committed here (`store.onCommitted`), and gives each its line in the log when it ends: each
 * change is committed by one process, and so told once.
 */
export function observeJobs(options: JobObserverOptions): (events: readonly LoggedEvent[]) => void {
  const { tasks, meter, logger, costs } = options
  /** Whose attempts began here, the first first. */
  const running = new Map<string, Running>()

  /** The task, if it is loaded: a client may have made the name up. */
  function labelOf({ task }: Job): string {
    return tasks.find(task) === null ? 'other' : task
  }

  function begin(job: Job, task: string, at: number): void {
    if (running.size >= maxRunning) for (const oldest of running.keys().take(1)) running.delete(oldest)
    running.set(job.id, { fence: job.fence, startedAt: job.startedAt ?? at })
    // Whoever was put back waits since then, which is not told.
    if (isOnTime(job)) meter.observe('millrace_job_wait_seconds', { task }, Math.max(0, at - job.runAt) / 1_000)
  }

  /** For how long the attempt ran that is over now; `null` where there was none, or nothing is known of it. */
  function end(job: Job, task: string, at: number): number | null {
    const startedAt = running.get(job.id)?.startedAt ?? job.startedAt
    running.delete(job.id)
    if (startedAt === null) return null
    const ms = Math.max(0, at - startedAt)
    meter.observe('millrace_job_run_seconds', { task }, ms / 1_000)
    return ms
  }

  function changed({ job, at }: JobStateChange): void {
    const isRunning = job.state === 'RUNNING'
    // Its cancel was asked for, and it runs on.
    if (isRunning && running.get(job.id)?.fence === job.fence) return
    // The same of one that another process runs.
    if (isRunning && job.cancelRequestedAt !== null) return
    const task = labelOf(job)
    meter.count('millrace_jobs_total', { task, state: job.state })
    if (isRunning) return begin(job, task, at)
    const ranMs = end(job, task, at)
    if (isTerminal(job.state)) tell(logger, job, { ranMs, cpuMs: costs.of(job.id) })
  }

  return (events) => {
    for (const { topic, body } of events) {
      if (!isJobTopic(topic)) continue
      const event = readJobEvent(body)
      if (event.type === 'JobStateChanged') changed(event)
    }
  }
}

interface AttemptFigures {
  readonly ranMs: number | null
  readonly cpuMs: number | null
}

function tell(logger: Pick<Logger, 'info'>, job: Job, { ranMs, cpuMs }: AttemptFigures): void {
  const { task, id: jobId, ownerId, state, attempts, losses, runAt, startedAt, finishedAt, error } = job
  const waitedMs = Math.max(0, (startedAt ?? finishedAt ?? runAt) - runAt)
  const line = {
    jobId,
    task,
    ownerId,
    state,
    failedAttempts: attempts,
    ...(losses > 0 && { losses }),
    waitedMs,
    ranMs,
    cpuMs: cpuMs === null ? null : Math.round(cpuMs),
    ...(error !== null && { code: error.code }),
    ...(job.memoizedFrom !== null && { memoizedFrom: job.memoizedFrom }),
  }
  const took = ranMs === null ? 'without being run' : `${ranMs} ms`
  logger.info(line, `job ${task} ${took} ${state}${error === null ? '' : ` ${error.code}`}`)
}
