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
