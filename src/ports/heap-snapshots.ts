import type { Readable } from 'node:stream'
import type { HeapSnapshot, HeapSnapshotEstimate, HeapSnapshotReason } from '../core/heap-snapshot.ts'

/** A snapshot that is about to be taken. Dispose of it, and what was not written to its end is gone. */
export interface PendingHeapSnapshot extends AsyncDisposable {
  /**
   * Takes it: the thread whose heap it is stands still meanwhile. The main thread does so in a turn of its event loop of its own, in which no
   * transaction of this process holds the lock of the store. Resolves when the snapshot has reached the disk. Rejects with a
   * `ThreadHeapError` where the thread for tasks is out of reach, and when `signal` is aborted before that has written.
   */
  write(signal?: AbortSignal): Promise<HeapSnapshot>
}

/** A snapshot with its bytes, which are to be read or destroyed. */
export interface OpenHeapSnapshot {
  readonly snapshot: HeapSnapshot
  readonly source: Readable
}

/**
 * The heap snapshots of this process and of its threads, and those that the other processes of the machine have taken: V8's format, which browsers'
 * developer tools load.
 *
 * Guaranteed: nobody but the owner of the data folder can read one; it is listed when it is whole, and not before; what a process
 * left half-written when it ended is removed by the others. An id leads to nothing but a snapshot.
 * Callers decide whether there is room and time for one: see `estimate`.
 */
export interface HeapSnapshots {
  /**
   * What one of a thread for tasks, or of the main thread (the default), would cost now; on the careful side, and closer once one of the main
   * thread was taken. Rejects with a `ThreadHeapError` for a thread that is not there or does not answer.
   */
  estimate(threadId?: number | null): Promise<HeapSnapshotEstimate>
  /**
   * Reserves the taking of one; `null` while another one is being taken on the machine. Of two that are asked for at the same
   * time in different processes neither may get it: callers take turns.
   */
  begin(reason: HeapSnapshotReason, threadId?: number | null): Promise<PendingHeapSnapshot | null>
  /** Newest first. */
  list(): Promise<readonly HeapSnapshot[]>
  find(id: string): Promise<HeapSnapshot | null>
  /** `null` when there is none. */
  open(id: string): Promise<OpenHeapSnapshot | null>
  /** Says whether there was one. Who is reading it reads on. */
  remove(id: string): Promise<boolean>
  /** Removes all but the newest so many, those that are older than so many ms, and what was left half-written. */
  prune(keep: number, keepMs: number): Promise<void>
}
