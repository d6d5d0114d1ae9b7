import { randomUUID } from 'node:crypto'
import { lstat, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import type { Logger } from '../../ports/logger.ts'

/** Where the files lie that one attempt writes, until they are artifacts. */
export interface WrittenFolder {
  readonly path: string
  /** A thread is about to make the folder. */
  begin(): void
  /**
   * Lets `keep` read a file, and removes it after that. Rejects as `keep` does, and for what is no file that lies right in
   * the folder, links too: that is left alone.
   */
  hand(path: string, keep: () => Promise<string>): Promise<string>
  /** Whether it may be there. */
  readonly hasBegun: boolean
  /** Removes what is left of it; for when no thread writes into it any more. */
  remove(): Promise<void>
}

export interface WrittenFiles {
  newFolder(): WrittenFolder
  /** Resolves when everything is removed. */
  close(): Promise<void>
}

const notOwn = 'The file is none that the attempt has written.'
const folderName = /^attempt-[0-9a-f-]{36}-\d+$/

/**
 * The files that tasks write, in `folder`, which is for this pool alone: what a process that died left there is removed.
 * Without one it is a private folder of the system's for temporary files.
 */
export function createWrittenFiles(folder: string | null, logger: Logger): WrittenFiles {
  const poolId = randomUUID()
  const base = folder ?? join(tmpdir(), `millrace-${poolId}`)
  const ownFolders = join(base, `attempt-${poolId}-`)
  const removals = new Set<Promise<void>>()
  const swept = folder === null ? Promise.resolve() : sweep((name) => !name.includes(poolId))
  let attempts = 0
  let hasWritten = false

  async function sweep(isLeftover: (name: string) => boolean): Promise<void> {
    const names = await readdir(base).catch(() => [])
    const left = names.filter((name) => folderName.test(name) && isLeftover(name))
    await Promise.all(left.map((name) => remove(join(base, name))))
  }

  function remove(path: string): Promise<void> {
    const removed = rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      logger.warn({ err: error }, 'A file that a task wrote could not be removed.')
    })
    removals.add(removed)
    return removed.finally(() => removals.delete(removed))
  }

  return {
    newFolder() {
      attempts += 1
      const path = `${ownFolders}${attempts}`
      let hasBegun = false
      return {
        path,
        begin() {
          hasBegun = true
          hasWritten = true
        },
        async hand(file, keep) {
          // With dots in it, it could be the folder itself, or lie above it.
          if (dirname(file) !== path || normalize(file) !== file) throw new Error(notOwn)
          try {
            if (!(await lstat(file)).isFile()) throw new Error(notOwn)
            return await keep()
          } finally {
            await remove(file)
          }
        },
        get hasBegun() {
          return hasBegun
        },
        remove: () => remove(path),
      }
    },
    async close() {
      await Promise.all([swept, ...removals])
      if (!hasWritten) return
      // Threads that were ended may have left something.
      await (folder === null ? remove(base) : sweep((name) => name.includes(poolId)))
    },
  }
}
