import type { MemorySign } from './memory.ts'

/** Why a heap snapshot was taken: somebody asked for it, or memory gave cause to. */
export type HeapSnapshotReason = 'ASKED_FOR' | MemorySign['kind']

export const heapSnapshotReasons = [
  'ASKED_FOR',
  'HEAP_HIGH',
  'RSS_HIGH',
  'EXTERNAL_HIGH',
  'MEMORY_GROWTH',
  'HEAP_GROWN',
] as const satisfies readonly HeapSnapshotReason[]

/** A heap snapshot that is kept. It holds all that was in the memory of the process, secrets among it. */
export interface HeapSnapshot {
  readonly id: string
  /** The place of the process that it is of. */
  readonly member: number
  readonly pid: number
  /** The thread for tasks whose heap it is; `null`: the main thread's. */
  readonly threadId: number | null
  readonly reason: HeapSnapshotReason
  readonly sizeBytes: number
  /** When it was begun, ms since 1970. */
  readonly takenAt: number
  /** How long that thread's event loop stood still for it; `null` where that is not known any more. */
  readonly pausedMs: number | null
}

/** What taking one would cost now. */
export interface HeapSnapshotEstimate {
  /** How long the thread would stand still: while the main thread does, the process answers nobody. */
  readonly pauseMs: number
  readonly sizeBytes: number
  /** What is free on the disk for it. */
  readonly freeBytes: number
  /** The memory that it takes on top of what the process has, most of which the process keeps afterwards. */
  readonly memoryBytes: number
  /** The memory that the process may still have. */
  readonly availableBytes: number
}
