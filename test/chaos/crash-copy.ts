import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { eventually } from '../support/eventually.ts'
import { type ChaosMill, dataOf, freeze, runsOf, thaw } from './chaos-mill.ts'
import type { Random } from './random.ts'

/** `asKilled`: what `kill -9` leaves. `asCutOff`: what a power cut may leave, where the last writes reached no disk. */
export type CopyKind = 'asKilled' | 'asCutOff'

export const databaseName = 'millrace.sqlite'

/**
 * Copies the folder of a running server at one standstill, so that database and WAL are of the same moment, as a crash at
 * that moment would leave them. The shared-memory file is not copied: no crash of a machine leaves one.
 */
export async function copyAsCrashed(
  mill: Pick<ChaosMill, 'folder' | 'pid' | 'members'>,
  target: string,
  onFrozen: () => void = () => undefined,
): Promise<{ readonly sharedMemory: Buffer }> {
  await mkdir(dataOf(target), { recursive: true })
  const pids = [mill.pid, ...mill.members().map(({ pid }) => pid)]
  await freeze(pids)
  try {
    onFrozen()
    await cp(runsOf(mill.folder), runsOf(target), { force: true })
    const isShared = (path: string) => path.endsWith('-shm') || path.endsWith('-journal')
    await cp(dataOf(mill.folder), dataOf(target), { recursive: true, filter: (path) => !isShared(path) })
    return { sharedMemory: await readFile(join(dataOf(mill.folder), `${databaseName}-shm`)) }
  } finally {
    thaw(pids)
  }
}

/**
 * Has all that was committed so far written into the database file of a running mill. Before the first time, SQLite may lose
 * the very tables to a power cut, and there is nothing to be judged.
 */
export async function checkpoint(folder: string): Promise<void> {
  using database = new DatabaseSync(join(dataOf(folder), databaseName), { timeout: 2000 })
  await eventually(() => {
    const done = database.prepare('pragma wal_checkpoint(passive)').get()
    return done?.['log'] === done?.['checkpointed']
  })
}

/**
 * Damages the WAL of a copy as a power cut may: all that was written since the last sync can be there, in part, or be
 * zeros. With `synchronous=NORMAL` a sync comes before each checkpoint, so frames of which a checkpoint may have begun are
 * left alone; the WAL index in the shared memory tells which (https://sqlite.org/walformat.html).
 */
export async function tearWal(target: string, sharedMemory: Buffer, random: Random): Promise<void> {
  const path = join(dataOf(target), `${databaseName}-wal`)
  const wal = await readFile(path)
  const { synced, written } = extentOf(wal, sharedMemory)
  const tearAt = synced + random.upTo(Math.max(0, written - synced))
  const torn = random.chance(0.5)
    ? wal.subarray(0, tearAt)
    : Buffer.concat([wal.subarray(0, tearAt), Buffer.alloc(wal.length - tearAt)])
  await writeFile(path, torn)
}

/** Bytes of the WAL: up to where they are safe on the disk, and up to where they count at all. */
function extentOf(wal: Buffer, sharedMemory: Buffer): { readonly synced: number; readonly written: number } {
  const header = 32
  if (wal.length < header) return { synced: wal.length, written: wal.length }
  const frame = 24 + wal.readUInt32BE(8)
  const mostFrames = sharedMemory.readUInt32LE(16)
  const checkpointed = Math.max(sharedMemory.readUInt32LE(96), sharedMemory.readUInt32LE(128))
  const end = (frames: number) => Math.min(wal.length, header + frames * frame)
  return { synced: end(checkpointed), written: end(Math.max(mostFrames, checkpointed)) }
}
