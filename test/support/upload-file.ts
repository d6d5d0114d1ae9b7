import { Readable } from 'node:stream'
import type { Principal } from '../../src/core/principal.ts'
import type { Artifact } from '../../src/ports/artifact-index.ts'
import type { Artifacts } from '../../src/services/jobs/artifacts.ts'

/** Uploads a file as the door does: opens an upload, receives the bytes, makes them an artifact. */
export async function uploadFile(
  artifacts: Artifacts,
  principal: Principal,
  content: string,
  { fileName = 'a.csv', mediaType = 'text/csv' } = {},
): Promise<Artifact> {
  using upload = await artifacts.openUpload(principal, 0)
  await using blob = await upload.receive(Readable.from([Buffer.from(content)]))
  return await artifacts.upload(principal, { blob, fileName, mediaType })
}
