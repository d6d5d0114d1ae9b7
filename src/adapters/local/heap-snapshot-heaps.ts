import { open } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { HeapSnapshot } from '../../core/heap-snapshot.ts'
import { type ComputePool, ThreadHeapError } from '../../ports/compute-pool.ts'
import { createHeapSnapshotCosts, type HeapReading } from './heap-snapshot-cost.ts'

/** What is asked of V8 and of the operating system. */
export interface SnapshotProcess {
  readonly pid: number
  /** Bytes. */
  read(): HeapReading
  /** The memory that the process may still have, in bytes. */
  availableBytes(): number
  /** Takes a snapshot into the file, which is there, before it returns. */
  writeTo(path: string): void
  /** Whether there is a process of that number. */
  isThere(pid: number): boolean
}

type Written = Pick<HeapSnapshot, 'sizeBytes' | 'pausedMs'>

/** The heaps that snapshots are taken of: that of the main thread (`null`), and those of the threads for tasks. */
export function snapshotHeaps(here: SnapshotProcess, pool: Pick<ComputePool, 'memory' | 'heapSnapshot'>) {
  const costs = createHeapSnapshotCosts()

  async function writeHere(path: string): Promise<Written> {
    // A turn of the event loop in which no microtask of a transaction is under way.
    await nextTurn()
    const before = here.read()
    const startedMs = performance.now()
    here.writeTo(path)
    const pausedMs = Math.ceil(performance.now() - startedMs)
    const after = here.read()
    const sizeBytes = await sync(path)
    costs.learn({ before, after, pausedMs, sizeBytes })
    return { pausedMs, sizeBytes }
  }

  async function heapUsedBy(threadId: number): Promise<number> {
    const thread = (await pool.memory()).find((each) => each.threadId === threadId)
    if (thread === undefined) throw new ThreadHeapError(`The thread ${threadId} is not there, or does not answer.`)
    return thread.heapUsed
  }

  return {
    async expect(threadId: number | null) {
      if (threadId === null) return costs.expect(here.read().heapUsed)
      // What the main thread's cost says nothing about others, which hold other things.
      return createHeapSnapshotCosts().expect(await heapUsedBy(threadId))
    },
    /** Takes it into the file, which is there; resolves when it has reached the disk. */
    async write(threadId: number | null, path: string, signal = new AbortController().signal): Promise<Written> {
      if (threadId === null) return writeHere(path)
      const pausedMs = await pool.heapSnapshot(threadId, path, signal)
      return { pausedMs, sizeBytes: await sync(path) }
    },
  }
}

/** Has the file reach the disk; gives its size. */
async function sync(path: string): Promise<number> {
  await using file = await open(path, 'r+')
  await file.sync()
  return (await file.stat()).size
}
