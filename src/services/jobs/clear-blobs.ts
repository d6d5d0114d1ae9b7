import type { Logger } from '../../ports/logger.ts'
import type { BlobKeeper } from './blob-keeper.ts'

export interface BlobClearing {
  readonly keeper: BlobKeeper
  readonly logger: Logger
}

/** Removes those of the blobs that no artifact has any more. Never fails: what cannot be removed is swept at the next start. */
export async function clearBlobs({ keeper, logger }: BlobClearing, hashes: readonly string[]): Promise<void> {
  for (const hash of new Set(hashes)) {
    try {
      await keeper.removeUnowned(hash)
    } catch (error) {
      logger.warn({ hash, error: String(error) }, 'A file of no artifact could not be removed.')
    }
  }
}

/** Clears blobs in the background, for who must not wait until it is their turn. */
export interface BlobClearer extends AsyncDisposable {
  /** Never fails: what cannot be removed, or is too much, is swept at the next start. */
  clear(hashes: readonly string[]): void
}

/** The most blobs that wait. */
const maxWaiting = 10_000

/** One blob after the other. Disposing of it stops it after the blob it is at. */
export function createBlobClearer({ keeper, logger }: BlobClearing): BlobClearer {
  const waiting = new Set<string>()
  let clearing: Promise<void> | null = null
  let isStopped = false

  async function run(): Promise<void> {
    let left = 0
    for (const hash of waiting) {
      if (isStopped) break
      waiting.delete(hash)
      try {
        await keeper.removeUnowned(hash)
      } catch (error) {
        left += 1
        if (left === 1) logger.warn({ hash, error: String(error) }, 'Files of no artifact are left to the next start.')
      }
    }
    clearing = null
  }

  return {
    clear(hashes) {
      if (isStopped) return
      for (const hash of hashes) if (waiting.size < maxWaiting) waiting.add(hash)
      if (waiting.size > 0) clearing ??= run()
    },
    async [Symbol.asyncDispose]() {
      isStopped = true
      await clearing
    },
  }
}
