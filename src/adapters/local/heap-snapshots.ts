import { chmod, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { getHeapStatistics, writeHeapSnapshot } from 'node:v8'
import type { Clock } from '../../core/clock.ts'
import { newId } from '../../core/ids.ts'
import type { ComputePool } from '../../ports/compute-pool.ts'
import type { HeapSnapshots } from '../../ports/heap-snapshots.ts'
import { hasCode, removeLeftovers, snapshotFiles } from './heap-snapshot-files.ts'
import { type SnapshotProcess, snapshotHeaps } from './heap-snapshot-heaps.ts'
import { nameOf, unfinishedNameOf, writerOf } from './heap-snapshot-name.ts'

export interface HeapSnapshotsOptions {
  /** Made, for the owner only, when it is not there. */
  readonly folder: string
  /** The place of this process among those that use the folder. */
  readonly member: number
  /** Whether nobody else uses the folder: what is half-written there is litter. */
  readonly isAlone: boolean
  readonly clock: Clock
  /** What is free on the disk of the folder. */
  freeBytes(): Promise<number>
  /** The threads for tasks. */
  readonly pool: Pick<ComputePool, 'memory' | 'heapSnapshot'>
  /** By default this process. */
  readonly process?: SnapshotProcess
}

/** `HeapSnapshots` in a folder: their names tell all about them, so that several processes can write and remove them. */
export async function folderHeapSnapshots(options: HeapSnapshotsOptions): Promise<HeapSnapshots> {
  const { folder, member, clock, isAlone, freeBytes, pool, process: here = thisProcess } = options
  const heaps = snapshotHeaps(here, pool)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // It may have been made by somebody for everybody.
  await chmod(folder, 0o700)
  // A process that has just started writes nothing yet: what has its number was left by an earlier one.
  await removeLeftovers(folder, isAlone ? () => false : (pid) => pid !== here.pid && here.isThere(pid))

  return {
    async estimate(threadId = null) {
      const expected = await heaps.expect(threadId)
      return { ...expected, freeBytes: await freeBytes(), availableBytes: here.availableBytes() }
    },

    async begin(reason, threadId = null) {
      await removeLeftovers(folder, here.isThere)
      const id = newId('heapSnapshot')
      const name = unfinishedNameOf(id, here.pid)
      const path = join(folder, name)
      // Made before there is anything in it, so that it never has content that others may read.
      await (await open(path, 'wx', 0o600)).close()
      const names = await readdir(folder)
      if (names.some((other) => other !== name && writerOf(other) !== null)) {
        await rm(path, { force: true })
        return null
      }
      return {
        async write(signal) {
          const begun = { id, member, pid: here.pid, threadId, reason, takenAt: clock.now() }
          const written = await heaps.write(threadId, path, signal)
          const snapshot = { ...begun, ...written }
          await rename(path, join(folder, nameOf(snapshot)))
          return snapshot
        },
        [Symbol.asyncDispose]: () => rm(path, { force: true }),
      }
    },

    ...snapshotFiles(folder, clock, here.isThere),
  }
}

const thisProcess: SnapshotProcess = {
  pid: process.pid,
  read: () => ({ heapUsed: getHeapStatistics().used_heap_size, rss: process.memoryUsage.rss() }),
  availableBytes: () => process.availableMemory(),
  // Not `getHeapSnapshot`: it makes the whole snapshot in memory all the same before the stream has its first byte, with a pause that is as
  // long, needs a tenth more memory, and keeps all of it for as long as the stream is read.
  writeTo: (path) => void writeHeapSnapshot(path),
  isThere,
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}
