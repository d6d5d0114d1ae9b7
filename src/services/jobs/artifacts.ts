import type { Readable } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { QuotaExceededError } from '../../core/errors.ts'
import { isId, newId } from '../../core/ids.ts'
import type { Principal } from '../../core/principal.ts'
import type { Artifact } from '../../ports/artifact-index.ts'
import type { BlobStore, PendingBlob } from '../../ports/blob-store.ts'
import type { Records, Store } from '../../ports/store.ts'
import { cleanFileName, cleanMediaType } from './artifact-names.ts'
import { assertScope, canReadArtifact } from './policies.ts'

/** A file that the upload door has received, not yet anybody's artifact. The value of the GraphQL scalar `Upload`. */
export interface ReceivedFile {
  readonly blob: PendingBlob
  readonly fileName: string
  readonly mediaType: string
}

/** What people do with files. Someone else's artifact does not exist. */
export interface Artifacts {
  /** The most bytes that a file may have. */
  readonly maxBytes: number
  /** Whether the principal may upload at all: asked before the first byte is read. Throws a `Refusal`. */
  assertMayUpload(principal: Principal): void
  /** Receives bytes; dispose of the blob unless `upload` was called with it. Throws `PAYLOAD_TOO_LARGE`. */
  receive(source: Readable): Promise<PendingBlob>
  /** Makes a received file an artifact of the principal. */
  upload(principal: Principal, file: ReceivedFile): Promise<Artifact>
  find(principal: Principal, id: string): Promise<Artifact | null>
  /** The bytes of an artifact that the caller was already given, `start` and `end` included. */
  read(artifact: Artifact, range?: { readonly start: number; readonly end: number }): Promise<Readable>
}

export interface ArtifactsOptions {
  readonly store: Store
  readonly blobs: BlobStore
  readonly clock: Clock
  /** The most bytes that a file may have. */
  readonly maxBytes: number
  /** The most bytes that all files of one user may have together. */
  readonly quotaBytes: number
}

/** `Artifacts` over a store and the bytes beside it. */
export function createArtifacts(options: ArtifactsOptions): Artifacts {
  const { store, blobs, clock, maxBytes } = options

  async function assertQuota({ artifacts }: Records, ownerId: string, size: number): Promise<void> {
    const kept = await artifacts.bytesOf(ownerId)
    if (kept + size <= options.quotaBytes) return
    const message = `The file has ${size} bytes; of the ${options.quotaBytes} that you may keep, ${kept} are in use.`
    throw new QuotaExceededError('artifactBytes', options.quotaBytes, message)
  }

  return {
    maxBytes,

    assertMayUpload: (principal) => void assertScope(principal, 'artifacts:write'),

    receive: (source) => blobs.receive(source, maxBytes),

    async upload(principal, file) {
      await using blob = file.blob
      const { userId } = assertScope(principal, 'artifacts:write')
      const artifact: Artifact = {
        id: newId('artifact'),
        ownerId: userId,
        hash: blob.hash,
        size: blob.size,
        fileName: cleanFileName(file.fileName),
        mediaType: cleanMediaType(file.mediaType),
        createdAt: clock.now(),
      }
      // Asked before the bytes are kept, so that a refused file leaves none, and again with the row, for two at once.
      await store.read((records) => assertQuota(records, userId, blob.size))
      await blob.keep()
      await store.write(async (records) => {
        await assertQuota(records, userId, blob.size)
        await records.artifacts.insert(artifact)
      })
      return artifact
    },

    async find(principal, id) {
      const reader = assertScope(principal, 'artifacts:read')
      if (!isId('artifact', id)) return null
      const artifact = await store.read(({ artifacts }) => artifacts.find(id))
      return artifact !== null && canReadArtifact(reader, artifact) ? artifact : null
    },

    read: (artifact, range) => blobs.read(artifact.hash, range),
  }
}
