import type { BlobStore } from '../../ports/blob-store.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import type { BlobKeeper } from './blob-keeper.ts'

export interface BlobSweepOptions {
  readonly store: Store
  readonly blobs: BlobStore
  readonly keeper: BlobKeeper
  readonly logger: Logger
}

/** A sweep that is under way. Disposing of it stops it after the blob it is at. */
export interface BlobSweep extends AsyncDisposable {
  /** Resolves with how many blobs were removed when the sweep has ended; it never fails. */
  readonly removed: Promise<number>
}

/** How many blobs are looked up at once. */
const portion = 100

/**
 * Removes, in the background, the blobs that no artifact has: a process that died between keeping a blob and writing its row
 * leaves one. What is being kept meanwhile is safe, because the keeper decides about each blob when no upload holds it.
 */
export function sweepBlobs({ store, blobs, keeper, logger }: BlobSweepOptions): BlobSweep {
  const stopping = new AbortController()

  async function run(): Promise<number> {
    let removed = 0
    try {
      for await (const hashes of inPortions(blobs.list())) {
        for (const hash of await store.read(({ artifacts }) => artifacts.unowned(hashes))) {
          if (stopping.signal.aborted) return removed
          if (await keeper.removeUnowned(hash)) removed += 1
        }
        if (stopping.signal.aborted) return removed
      }
    } catch (error) {
      logger.warn({ error: String(error) }, 'Files of no artifact could not be swept; it is tried at the next start.')
    } finally {
      if (removed > 0) logger.info({ removed }, 'Files of no artifact were removed.')
    }
    return removed
  }

  const removed = run()
  return {
    removed,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await removed
    },
  }
}

async function* inPortions(hashes: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let some: string[] = []
  for await (const hash of hashes) {
    some.push(hash)
    if (some.length < portion) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}
