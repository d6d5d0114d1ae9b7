import { InvalidInputError } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import type { ArtifactInput } from '../../core/task.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import type { AttemptRequest, TaskDescription } from '../../ports/compute-pool.ts'
import type { Records, Store } from '../../ports/store.ts'
import type { AttemptEnd } from './settle-attempt.ts'
import { appendJobEvent } from './job-log.ts'
import type { TaskCatalogue } from './task-catalogue.ts'
import type { TaskHomes } from './task-homes.ts'

export interface PreparationOptions {
  readonly store: Store
  readonly blobs: BlobStore
  readonly tasks: TaskCatalogue
  /** What other nodes have; `null` where there are none. */
  readonly homes: TaskHomes | null
}

/** What to do with a job that was claimed: run it, end it unrun, or leave it alone because it is another attempt's now. */
export type Preparation =
  | { readonly type: 'run'; readonly request: AttemptRequest }
  | { readonly type: 'end'; readonly end: AttemptEnd }
  | { readonly type: 'stale' }

/** Reads what the attempt needs. `at` is the time of the claim. Throws what the store or the blob store throws. */
export async function prepareAttempt(options: PreparationOptions, job: Job, at: number): Promise<Preparation> {
  const { store, blobs, tasks, homes } = options
  const found = await store.read(async ({ ledger }) => ({
    job: await ledger.find(job.id),
    input: await ledger.input(job.id),
    files: await ledger.artifacts(job.id),
  }))
  if (found.job?.state !== 'RUNNING' || found.job.fence !== job.fence) return { type: 'stale' }
  // Between the claim and this attempt's first breath nobody listened for the push.
  if (found.job.cancelRequestedAt !== null) return { type: 'end', end: { type: 'stopped' } }

  const task = tasks.find(job.task)
  if (task === null) {
    return homes === null ? failed('UNKNOWN_TASK', `No task named ${job.task} is loaded any more.`) : handedBack
  }
  if (task.version !== job.taskVersion && (await homes?.isElsewhere(job)) === true) return handedBack
  const misfit = task.version === job.taskVersion ? null : misfitOf(tasks, task, found.input)
  if (misfit !== null) return failed('TASK_ERROR', misfit)
  if (task.version !== job.taskVersion && !(await store.write((records) => adopt(records, job, task, at)))) {
    return { type: 'stale' }
  }
  const artifacts: ArtifactInput[] = []
  for (const { hash, ...file } of found.files) artifacts.push({ ...file, path: await blobs.localPath(hash) })
  return { type: 'run', request: toRequest(job, found.input, artifacts) }
}

function toRequest(job: Job, input: unknown, artifacts: readonly ArtifactInput[]): AttemptRequest {
  // Each claim raises the fence and begins an attempt: it is the number that the history shows.
  return { task: job.task, job: { id: job.id, attempt: job.fence, idempotencyKey: job.id }, input, artifacts }
}

/** For another node, which has the task as it was when the job was entered. */
const handedBack: Preparation = { type: 'end', end: { type: 'handedBack' } }

function failed(code: 'UNKNOWN_TASK' | 'TASK_ERROR', message: string): Preparation {
  // Another attempt would find the same.
  return { type: 'end', end: { type: 'failed', error: { code, message }, retries: null } }
}

/** Why an input that was checked for an earlier version of the task cannot be given to this one. */
function misfitOf(tasks: TaskCatalogue, task: TaskDescription, input: unknown): string | null {
  try {
    tasks.parseInput(task.name, input)
    return null
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return `The task is now version ${task.version}, which the input does not fit. ${error.message}`
  }
}

/** Notes that another version runs the job than it was entered for. Says whether the attempt is still the job's. */
async function adopt(
  records: Records,
  { id, fence, taskVersion }: Job,
  task: TaskDescription,
  at: number,
): Promise<boolean> {
  const job = await records.ledger.update(id, { states: ['RUNNING'], fence }, { taskVersion: task.version })
  if (job === null) return false
  const text = `Entered for version ${taskVersion} of the task, run by version ${task.version}.`
  await appendJobEvent(records, { type: 'JobLogged', at, job, level: 'warn', text })
  return true
}
