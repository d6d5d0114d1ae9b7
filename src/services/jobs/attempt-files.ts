import { Refusal } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { createTurns } from '../../core/turns.ts'
import type { WrittenFile } from '../../ports/compute-pool.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Records } from '../../ports/store.ts'
import type { ArtifactIntake, EnterFile } from './artifact-intake.ts'
import { findCurrent } from './current-attempt.ts'
import { persistently } from './persistently.ts'

export interface AttemptFilesOptions {
  /** The job as it was claimed: its fence is that of the attempt. */
  readonly job: Job
  readonly intake: ArtifactIntake
  readonly logger: Logger
  /** Aborted when the attempt is to stop: a file that could not be kept for lack of a turn or of room is then given up. */
  readonly signal: AbortSignal
  /** Runs a transaction, again and again if it must; rejects when that is given up. */
  write<T>(work: (records: Records) => Promise<T>): Promise<T>
  /** Called when the attempt turns out to be no longer the job's. */
  stale(): void
}

/** Keeps the files that an attempt writes, one after the other. */
export interface AttemptFiles {
  /** Makes the file an artifact of the job's owner that the attempt wrote; answers its id. Rejects with a sentence for the task. */
  keep(file: WrittenFile): Promise<string>
  /** Resolves when no file is being kept any more. */
  drained(): Promise<void>
}

/** The most files of one attempt. */
const maxFiles = 1000

/** The files of one attempt. */
export function createAttemptFiles({ job, intake, logger, signal, write, stale }: AttemptFilesOptions): AttemptFiles {
  const inTurn = createTurns()
  let files = 0

  const enterWritten: EnterFile = async (enter) => {
    const artifact = await write(async (records) => {
      if ((await findCurrent(records, job)) === null) return null
      const entered = await enter(records)
      await records.ledger.attachWritten(job.id, job.fence, entered.id)
      return entered
    })
    if (artifact !== null) return artifact
    stale()
    throw new Refusal('NOT_FOUND', 'The job has gone on without this attempt.')
  }

  async function keep(file: WrittenFile): Promise<string> {
    try {
      // Whatever else fails tells the task so at once.
      const { id } = await persistently(() => intake.keepWritten(job.ownerId, file, enterWritten), signal, 1)
      return id
    } catch (error) {
      if (error instanceof Refusal) throw error
      // What fails here is ours: the task is told no more of it.
      logger.error({ jobId: job.id, error: String(error) }, 'A file that a job wrote could not be kept.')
      throw new Error('The server could not keep the file.', { cause: error })
    }
  }

  return {
    async keep(file) {
      files += 1
      if (files > maxFiles) throw new Error(`An attempt may write at most ${maxFiles} files.`)
      return inTurn(job.id, () => keep(file))
    },

    drained: () => inTurn(job.id, async () => undefined),
  }
}
