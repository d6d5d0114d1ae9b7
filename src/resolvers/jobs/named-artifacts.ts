import type { Artifact } from '../../ports/artifact-index.ts'
import { spend } from '../../services/jobs/read-budget.ts'
import type { RequestContext } from '../context.ts'
import { findArtifact } from './find-artifact.ts'

/** What a file takes of the budget for reading: about as many characters as it is told in. A job may have 1,000. */
export const charactersOfFile = 300

/** The files that a result or a partial result names; `null` for one that is no longer there. */
export async function namedArtifacts(
  ids: readonly unknown[],
  context: RequestContext,
): Promise<readonly (Artifact | null)[]> {
  spend(context.readBudget, ids.length * charactersOfFile)
  return Promise.all(ids.map(async (id) => (typeof id === 'string' ? findArtifact(null, { id }, context) : null)))
}
