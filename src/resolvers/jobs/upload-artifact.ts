import type { Artifact } from '../../ports/artifact-index.ts'
import type { ReceivedFile } from '../../services/jobs/artifact-intake.ts'
import type { RequestContext } from '../context.ts'

export function uploadArtifact(
  _root: unknown,
  { file }: { file: ReceivedFile },
  context: RequestContext,
): Promise<Artifact> {
  return context.services.artifacts.upload(context.principal, file)
}
