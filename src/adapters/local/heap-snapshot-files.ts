import { type FileHandle, open, readdir, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { HeapSnapshot } from '../../core/heap-snapshot.ts'
import { isId } from '../../core/ids.ts'
import type { HeapSnapshots } from '../../ports/heap-snapshots.ts'
import { readName, writerOf } from './heap-snapshot-name.ts'

/** Nothing is written for longer: what has not been touched for so many ms was left by a process whose number another one has now. */
const staleMs = 3_600_000

/** What is done with the snapshots in a folder once they are there. */
export function snapshotFiles(
  folder: string,
  clock: Clock,
  isWriting: (pid: number) => boolean,
): Pick<HeapSnapshots, 'list' | 'find' | 'open' | 'remove' | 'prune'> {
  async function find(id: string): Promise<Found | null> {
    if (!isId('heapSnapshot', id)) return null
    return (await listFolder(folder)).find(({ snapshot }) => snapshot.id === id) ?? null
  }

  return {
    list: async () => (await listFolder(folder)).map(({ snapshot }) => snapshot),
    find: async (id) => (await find(id))?.snapshot ?? null,

    async open(id) {
      const found = await find(id)
      const file = found && (await openFile(found.path))
      return found && file && { snapshot: found.snapshot, source: file.createReadStream() }
    },

    async remove(id) {
      const found = await find(id)
      // Of several who remove it, one did.
      const removing = found === null ? null : unlink(found.path).then(() => true)
      return removing !== null && (await unlessGone(removing)) === true
    },

    async prune(keep, keepMs) {
      await removeLeftovers(folder, isWriting)
      const oldest = clock.now() - keepMs
      const all = await listFolder(folder)
      const past = all.filter(({ snapshot }, index) => index >= keep || snapshot.takenAt < oldest)
      for (const { path } of past) await rm(path, { force: true })
    },
  }
}

interface Found {
  readonly snapshot: HeapSnapshot
  readonly path: string
}

/** Newest first. */
async function listFolder(folder: string): Promise<readonly Found[]> {
  const found = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const facts = readName(name)
      const path = join(folder, name)
      const file = facts === null ? null : await statFile(path)
      return facts === null || file === null ? [] : [{ snapshot: { ...facts, sizeBytes: file.size }, path }]
    }),
  )
  return found.flat().toSorted(({ snapshot: one }, { snapshot: other }) => other.takenAt - one.takenAt)
}

/** Removes what was left half-written by processes that are gone. */
export async function removeLeftovers(folder: string, isWriting: (pid: number) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = writerOf(name)
    if (writer === null) continue
    const path = join(folder, name)
    const file = await statFile(path)
    const isStale = file !== null && Date.now() - file.mtimeMs > staleMs
    if (isStale || !isWriting(writer)) await rm(path, { force: true })
  }
}

/** `null` for what is gone, or is no file. */
async function statFile(path: string): Promise<{ readonly size: number; readonly mtimeMs: number } | null> {
  const found = await unlessGone(stat(path))
  return found?.isFile() === true ? found : null
}

const openFile = (path: string): Promise<FileHandle | null> => unlessGone(open(path, 'r'))

async function unlessGone<T>(looking: Promise<T>): Promise<T | null> {
  try {
    return await looking
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
