import type { Clock } from '../../core/clock.ts'
import type { Job, JobError, LogLevel, Progress } from '../../core/job.ts'
import { maxLogLength, maxLogLines, maxPartialBytes, maxValueBytes } from '../../core/value-limits.ts'
import type { AttemptListener } from '../../ports/compute-pool.ts'
import type { Records } from '../../ports/store.ts'
import { type AttemptFilesOptions, createAttemptFiles } from './attempt-files.ts'
import { findCurrent } from './current-attempt.ts'
import { createEventWriter } from './event-writer.ts'
import { appendJobEvent } from './job-log.ts'
import { jsonBytes } from './json-bytes.ts'

/** `stale` is also called when nothing can be written any more. */
export interface AttemptRecorderOptions extends AttemptFilesOptions {
  readonly clock: Clock
}

/** Writes what an attempt says while it runs. */
export interface AttemptRecorder extends AttemptListener {
  /** Resolves when all that was said is written, and all files are kept, or never will be. */
  drained(): Promise<void>
  /** What the task said that it must not; the attempt has then failed. */
  readonly violation: JobError | null
}

interface Said {
  readonly at: number
  readonly what:
    | { readonly type: 'JobProgressed'; readonly progress: Progress }
    | { readonly type: 'JobPartial'; readonly data: unknown }
    | { readonly type: 'JobLogged'; readonly level: LogLevel; readonly text: string }
}

/** A recorder for one attempt. A thread keeps to all limits by itself; here they hold whatever the pool is. */
export function createAttemptRecorder(options: AttemptRecorderOptions): AttemptRecorder {
  const { job, clock, write, stale } = options
  const files = createAttemptFiles(options)
  let violation: JobError | null = null
  let partialBytes = 0
  let lines = 0
  const writer = createEventWriter<Said>(async (batch) => {
    if (!(await write((records) => writeAll(records, job, batch))))
      throw new Error('The job has gone on without this attempt.')
  }, stale)

  const say = (what: Said['what']) => writer.say({ at: clock.now(), what })

  function refuse(message: string): Promise<never> {
    violation ??= { code: 'INVALID_OUTPUT', message }
    return Promise.reject(new Error(message))
  }

  return {
    progress(progress) {
      // Of several that wait only the newest says anything.
      writer.drop(({ what }) => what.type === 'JobProgressed')
      say({ type: 'JobProgressed', progress }).catch(ignore)
    },

    async partial(data) {
      const bytes = jsonBytes(data)
      if (bytes === null) return refuse('A partial result is not JSON.')
      if (bytes > maxValueBytes) return refuse(`A partial result has more than ${maxValueBytes} bytes of JSON.`)
      partialBytes += bytes
      if (partialBytes > maxPartialBytes) {
        return refuse(`The partial results have more than ${maxPartialBytes} bytes of JSON in all.`)
      }
      return say({ type: 'JobPartial', data })
    },

    log(level, text) {
      lines += 1
      if (lines > maxLogLines) return
      say({ type: 'JobLogged', level, text: text.slice(0, maxLogLength) }).catch(ignore)
    },

    file: (file) => files.keep(file),

    async drained() {
      await Promise.all([writer.drained(), files.drained()])
    },

    get violation() {
      return violation
    },
  }
}

/** Says whether the attempt is still the job's; otherwise nothing was written. */
async function writeAll(records: Records, job: Job, batch: readonly Said[]): Promise<boolean> {
  const current = await touch(records, job, batch)
  if (current === null) return false
  for (const { at, what } of batch) {
    const asOfThen = what.type === 'JobProgressed' ? { ...current, progress: what.progress } : current
    await appendJobEvent(records, { ...what, at, job: asOfThen })
  }
  return true
}

/** The job as it is now, with the newest progress; `null` when another attempt, or none, is under way. */
async function touch(records: Records, job: Job, batch: readonly Said[]): Promise<Job | null> {
  const reported = batch.findLast(({ what }) => what.type === 'JobProgressed')?.what
  if (reported?.type === 'JobProgressed') {
    const guard = { states: ['RUNNING'], fence: job.fence } as const
    return records.ledger.update(job.id, guard, { progress: reported.progress })
  }
  return findCurrent(records, job)
}

function ignore(): void {
  // The attempt is ended by `stale`; nobody waits for this line.
}
