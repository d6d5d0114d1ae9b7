import type { Job } from '../../core/job.ts'
import type { Artifact } from '../../ports/artifact-index.ts'
import { assertBudgetLeft, spend } from '../../services/jobs/read-budget.ts'
import type { RequestContext } from '../context.ts'
import { charactersOfFile } from './named-artifacts.ts'

export async function writtenArtifacts(
  job: Job,
  _arguments: object,
  { services, readBudget }: RequestContext,
): Promise<readonly Artifact[]> {
  assertBudgetLeft(readBudget)
  const files = await services.jobs.written(job)
  spend(readBudget, files.length * charactersOfFile)
  return files
}
