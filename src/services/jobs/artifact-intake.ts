import type { Readable } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { QuotaExceededError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import type { Artifact } from '../../ports/artifact-index.ts'
import type { BlobStore, PendingBlob } from '../../ports/blob-store.ts'
import type { WrittenFile } from '../../ports/compute-pool.ts'
import type { OpenCounts } from '../../ports/open-counts.ts'
import type { Records, Store } from '../../ports/store.ts'
import { assertOwnerThere } from '../accounts/assert-owner-there.ts'
import { cleanFileName, cleanMediaType } from './artifact-names.ts'
import type { BlobKeeper } from './blob-keeper.ts'
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

/** Runs the transaction in which `enter` writes the artifact's row; throws when nothing of it was to be written. */
export type EnterFile = (enter: (records: Records) => Promise<Artifact>) => Promise<Artifact>

/** Makes artifacts of what comes in, within the limits of one file and of all that an owner may keep. It authorises nobody. */
export interface ArtifactIntake {
  /** The most bytes that a file may have. */
  readonly maxBytes: number
  /** Opens an upload of so many bytes or more. Throws `QUOTA_EXCEEDED`, and `RATE_LIMITED` when too many are under way. */
  open(ownerId: string, leastBytes: number): Promise<OpenUpload>
  /** Makes a received file an artifact of the owner. Throws `UNAUTHENTICATED` when their account is gone; when it throws nothing of the file is left. */
  keep(ownerId: string, file: ReceivedFile): Promise<Artifact>
  /** Receives a file of this machine that a job of the owner wrote and makes it an artifact by `entering` it. Throws as `open` and `receive`. */
  keepWritten(ownerId: string, file: WrittenFile, entering: EnterFile): Promise<Artifact>
}

export interface ArtifactIntakeOptions {
  readonly store: Store
  readonly blobs: BlobStore
  readonly keeper: BlobKeeper
  /** Counts the uploads that are under way. */
  readonly counts: OpenCounts
  readonly clock: Clock
  /** The most bytes that a file may have. */
  readonly maxBytes: number
  /** The most bytes that all files of one user may have together, those that this process is receiving included. */
  readonly quotaBytes: number
}

/** How many uploads of one user may be under way in all processes together, each with as many files as the door lets through. */
const uploadsAtOnce = 4

/** `ArtifactIntake` over a store and the bytes beside it. */
export function createArtifactIntake(options: ArtifactIntakeOptions): ArtifactIntake {
  const { store, blobs, keeper, counts, clock, maxBytes, quotaBytes } = options
  const budgets = createUploadBudgets({
    quotaBytes,
    atOnce: uploadsAtOnce,
    counts,
    readStored: (ownerId) => store.read(({ artifacts }) => artifacts.bytesOf(ownerId)),
  })

  async function keep(ownerId: string, file: ReceivedFile, entering: EnterFile): Promise<Artifact> {
    const artifact = describe(ownerId, file, clock.now())
    let stored = 0
    const enter = async (records: Records) => {
      stored = await enterRow(records, artifact, quotaBytes)
      return artifact
    }
    try {
      await keeper.keep(file.blob, () => entering(enter))
    } finally {
      // Gives back what the file took on its way, so that it does not count twice.
      await file.blob[Symbol.asyncDispose]()
    }
    budgets.noteStored(ownerId, stored)
    return artifact
  }

  return {
    maxBytes,

    async open(ownerId, leastBytes) {
      const reservation = await budgets.open(ownerId, leastBytes)
      return {
        receive: (source) => receiveWithin(reservation, (admit) => blobs.receive(source, maxBytes, admit)),
        [Symbol.dispose]: () => reservation[Symbol.dispose](),
      }
    },

    keep: (ownerId, file) => keep(ownerId, file, (enter) => store.write(enter)),

    async keepWritten(ownerId, { path, fileName, mediaType }, entering) {
      using reservation = await budgets.openFile(ownerId)
      const blob = await receiveWithin(reservation, (admit) => blobs.receiveFile(path, maxBytes, admit))
      return await keep(ownerId, { blob, fileName, mediaType }, entering)
    },
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
async function enterRow(records: Records, artifact: Artifact, quotaBytes: number): Promise<number> {
  const { artifacts } = records
  const { ownerId, size } = artifact
  await assertOwnerThere(records, ownerId)
  const kept = await artifacts.bytesOf(ownerId)
  if (kept + size > quotaBytes) {
    const message = `The file has ${size} bytes; of the ${quotaBytes} that you may keep, ${kept} are in use.`
    throw new QuotaExceededError('artifactBytes', quotaBytes, message)
  }
  await artifacts.insert(artifact)
  return kept + size
}

/** Receives a blob whose bytes are reserved until it is disposed of; those of one that fails, until the reservation ends. */
async function receiveWithin(
  reservation: Reservation,
  receive: (admit: (bytes: number) => void) => Promise<PendingBlob>,
): Promise<PendingBlob> {
  const blob = await receive((bytes) => reservation.take(bytes))
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
