import type { Readable } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { QuotaExceededError } from '../../core/errors.ts'
import { isId, newId } from '../../core/ids.ts'
import type { Principal } from '../../core/principal.ts'
import type { Artifact } from '../../ports/artifact-index.ts'
import type { BlobStore, PendingBlob } from '../../ports/blob-store.ts'
import type { Records, Store } from '../../ports/store.ts'
import { cleanFileName, cleanMediaType } from './artifact-names.ts'
import type { BlobKeeper } from './blob-keeper.ts'
import { assertScope, canReadArtifact } from './policies.ts'
import { createUploadBudgets, type Reservation } from './upload-budgets.ts'

/** A file that the upload door has received, not yet anybody's artifact. The value of the GraphQL scalar `Upload`. */
export interface ReceivedFile {
  readonly blob: PendingBlob
  /** As the sender says; cleaned when it becomes an artifact. */
  readonly fileName: string
  readonly mediaType: string
}

/** An upload under way, which counts against its owner's quota until it is disposed of: after all that it received. */
export interface OpenUpload extends Disposable {
  /**
   * Receives the bytes of a file; dispose of the blob unless `upload` was called with it. Throws `PAYLOAD_TOO_LARGE`, and
   * `QUOTA_EXCEEDED` as soon as they do not fit.
   */
  receive(source: Readable): Promise<PendingBlob>
}

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
  readonly keeper: BlobKeeper
  readonly clock: Clock
  /** The most bytes that a file may have. */
  readonly maxBytes: number
  /** The most bytes that all files of one user may have together, those that are being received included. */
  readonly quotaBytes: number
}

/** How many uploads of one user may be under way, each with as many files as the door lets through. */
const uploadsAtOnce = 4

/** `Artifacts` over a store and the bytes beside it. */
export function createArtifacts(options: ArtifactsOptions): Artifacts {
  const { store, blobs, keeper, clock, maxBytes, quotaBytes } = options
  const budgets = createUploadBudgets({
    quotaBytes,
    atOnce: uploadsAtOnce,
    readStored: (ownerId) => store.read(({ artifacts }) => artifacts.bytesOf(ownerId)),
  })

  async function keep(ownerId: string, file: ReceivedFile): Promise<Artifact> {
    const artifact = describe(ownerId, file, clock.now())
    const stored = await keeper.keep(file.blob, () => store.write((records) => enter(records, artifact, quotaBytes)))
    // Gives back what the file took on its way, so that it does not count twice.
    await file.blob[Symbol.asyncDispose]()
    budgets.noteStored(ownerId, stored)
    return artifact
  }

  return {
    maxBytes,

    async openUpload(principal, leastBytes) {
      const { userId } = assertScope(principal, 'artifacts:write')
      const reservation = await budgets.open(userId, leastBytes)
      return {
        receive: (source) => receiveWithin(reservation, blobs, source, maxBytes),
        [Symbol.dispose]: () => reservation[Symbol.dispose](),
      }
    },

    async upload(principal, file) {
      try {
        return await keep(assertScope(principal, 'artifacts:write').userId, file)
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

function describe(ownerId: string, { blob, fileName, mediaType }: ReceivedFile, createdAt: number): Artifact {
  return {
    id: newId('artifact'),
    ownerId,
    hash: blob.hash,
    size: blob.size,
    fileName: cleanFileName(fileName),
    mediaType: cleanMediaType(mediaType),
    createdAt,
  }
}

/** Writes the row if it fits, which decides, for the record is the truth. Answers how many bytes the owner has with it. */
async function enter({ artifacts }: Records, artifact: Artifact, quotaBytes: number): Promise<number> {
  const { ownerId, size } = artifact
  const kept = await artifacts.bytesOf(ownerId)
  if (kept + size > quotaBytes) {
    const message = `The file has ${size} bytes; of the ${quotaBytes} that you may keep, ${kept} are in use.`
    throw new QuotaExceededError('artifactBytes', quotaBytes, message)
  }
  await artifacts.insert(artifact)
  return kept + size
}

/** Receives a blob whose bytes are reserved until it is disposed of; those of one that fails, until the upload ends. */
async function receiveWithin(
  reservation: Reservation,
  blobs: BlobStore,
  source: Readable,
  maxBytes: number,
): Promise<PendingBlob> {
  const blob = await blobs.receive(source, maxBytes, (bytes) => reservation.take(bytes))
  let reserved = blob.size
  return {
    hash: blob.hash,
    size: blob.size,
    keep: () => blob.keep(),
    async [Symbol.asyncDispose]() {
      await blob[Symbol.asyncDispose]()
      reservation.giveBack(reserved)
      reserved = 0
    },
  }
}
