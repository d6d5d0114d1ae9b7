import type { Artifact } from '../../ports/artifact-index.ts'
import type { RequestContext } from '../context.ts'

export function artifactUrl({ id }: Artifact, _arguments: object, { publicUrl }: RequestContext): string {
  return `${publicUrl}/artifacts/${id}`
}
