import { statfs } from 'node:fs/promises'
import { onceForAll } from '../../core/once-for-all.ts'

/** What is left of the disk that a folder is on. */
export interface DiskSpace {
  /**
   * Bytes that the user of this process may still write there. Rejects where the folder cannot be looked at, and waits as long as
   * the file system lets it wait: callers set a deadline. Who asks meanwhile gets the same answer, so that a disk that stands still
   * has one look of ours waiting, not many.
   */
  freeBytes(): Promise<number>
}

export function diskSpace(folder: string): DiskSpace {
  return { freeBytes: onceForAll(() => look(folder)) }
}

async function look(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
