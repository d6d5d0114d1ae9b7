import type { BlobStore, PendingBlob } from '../../ports/blob-store.ts'
import type { Store } from '../../ports/store.ts'
import type { Turns } from '../../ports/turns.ts'

/**
 * Keeps blobs together with the rows that name them: the only one to keep or to remove a blob.
 *
 * A blob is kept before its row is written, for a row without a blob would be a lie and a blob without a row is only
 * litter. Whoever keeps, enters or removes takes turns by hash, so that the failure of one upload cannot take the blob away
 * from another one of the same content that succeeds, in this process or in another one that uses the same blobs.
 */
export interface BlobKeeper {
  /** Keeps the blob and runs `enter`, which writes its row. When that fails, the blob is gone unless another row names it. */
  keep<T>(blob: PendingBlob, enter: () => Promise<T>): Promise<T>
  /** Removes the blob if no row names it, and says whether it did. */
  removeUnowned(hash: string): Promise<boolean>
}

export interface BlobKeeperOptions {
  readonly store: Store
  readonly blobs: BlobStore
  /** By hash. */
  readonly inTurn: Turns
}

export function createBlobKeeper({ store, blobs, inTurn }: BlobKeeperOptions): BlobKeeper {
  async function removeUnowned(hash: string): Promise<boolean> {
    const unowned = await store.read(({ artifacts }) => artifacts.unowned([hash]))
    if (unowned.length === 0) return false
    await blobs.remove(hash)
    return true
  }

  return {
    keep: (blob, enter) =>
      inTurn(blob.hash, async () => {
        try {
          await blob.keep()
          // A file that an operation uses twice went away with its first use, if that failed.
          await blobs.localPath(blob.hash)
          return await enter()
        } catch (error) {
          // What cannot be removed now is swept at the next start.
          await removeUnowned(blob.hash).catch(() => undefined)
          throw error
        }
      }),

    removeUnowned: (hash) => inTurn(hash, () => removeUnowned(hash)),
  }
}
