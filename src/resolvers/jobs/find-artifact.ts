import type { Artifact } from '../../ports/artifact-index.ts'
import type { RequestContext } from '../context.ts'

export function findArtifact(
  _root: unknown,
  { id }: { id: string },
  context: RequestContext,
): Promise<Artifact | null> {
  return context.services.artifacts.find(context.principal, id)
}
