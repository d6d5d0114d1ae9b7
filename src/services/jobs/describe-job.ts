import { newId } from '../../core/ids.ts'
import { sha256 } from '../../core/secrets.ts'
import type { NewJob } from '../../ports/ledger.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import { assertArtifactCount } from './enter-job.ts'
import type { TaskCatalogue } from './task-catalogue.ts'

export interface JobRequest {
  readonly ownerId: string
  readonly task: string
  /** Not too large (`assertInputFits`). */
  readonly input: unknown
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What a job is, whenever it is to run and however it came to be. */
export type DescribedJob = Pick<
  NewJob,
  'id' | 'ownerId' | 'task' | 'taskVersion' | 'input' | 'inputHash' | 'createdAt' | 'artifactIds'
>

/** The job that a request asks for, its input checked. Throws `UNKNOWN_TASK` and `InvalidInputError`. */
export function describeJob(tasks: TaskCatalogue, { ownerId, task, input: given, at }: JobRequest): DescribedJob {
  const { input, artifactIds } = tasks.parseInput(task, given)
  assertArtifactCount(artifactIds)
  return {
    id: newId('job'),
    ownerId,
    task,
    taskVersion: tasks.find(task)?.version ?? '1',
    input,
    inputHash: sha256(canonicalJson(input)),
    createdAt: at,
    artifactIds,
  }
}
