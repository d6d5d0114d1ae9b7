import type { Readable } from 'node:stream'
import { isId } from '../../core/ids.ts'
import type { Principal } from '../../core/principal.ts'
import type { Artifact } from '../../ports/artifact-index.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import type { Store } from '../../ports/store.ts'
import type { ArtifactIntake, OpenUpload, ReceivedFile } from './artifact-intake.ts'
import { assertScope, canReadArtifact } from './policies.ts'

/** What people do with files. Someone else's artifact does not exist. */
export interface Artifacts {
  /** The most bytes that a file may have. */
  readonly maxBytes: number
  /**
   * Lets the principal upload files that have `leastBytes` or more together: asked before the first byte is read. Throws a
   * `Refusal`: also `QUOTA_EXCEEDED`, and `RATE_LIMITED` when too many of their uploads are under way.
   */
  openUpload(principal: Principal, leastBytes: number): Promise<OpenUpload>
  /** Makes a received file an artifact of the principal. When it throws nothing of the file is left. */
  upload(principal: Principal, file: ReceivedFile): Promise<Artifact>
  find(principal: Principal, id: string): Promise<Artifact | null>
  /** The bytes of an artifact that the caller was already given, `start` and `end` included. */
  read(artifact: Artifact, range?: { readonly start: number; readonly end: number }): Promise<Readable>
}

export interface ArtifactsOptions {
  readonly store: Store
  readonly blobs: BlobStore
  readonly intake: ArtifactIntake
}

/** `Artifacts` over a store and the bytes beside it. */
export function createArtifacts({ store, blobs, intake }: ArtifactsOptions): Artifacts {
  return {
    maxBytes: intake.maxBytes,

    async openUpload(principal, leastBytes) {
      const { userId } = assertScope(principal, 'artifacts:write')
      return intake.open(userId, leastBytes)
    },

    async upload(principal, file) {
      try {
        return await intake.keep(assertScope(principal, 'artifacts:write').userId, file)
      } finally {
        await file.blob[Symbol.asyncDispose]()
      }
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
