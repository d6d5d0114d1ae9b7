/** Why a heap snapshot was taken: somebody asked for it, or the alert of that kind was raised. */
export type HeapSnapshotReason = 'ASKED_FOR' | 'HEAP_HIGH' | 'RSS_HIGH' | 'EXTERNAL_HIGH' | 'MEMORY_GROWTH'

export const heapSnapshotReasons = [
  'ASKED_FOR',
  'HEAP_HIGH',
  'RSS_HIGH',
  'EXTERNAL_HIGH',
  'MEMORY_GROWTH',
] as const satisfies readonly HeapSnapshotReason[]

/** A heap snapshot that is kept. It holds all that was in the memory of the process, secrets among it. */
export interface HeapSnapshot {
  readonly id: string
  /** The place of the process that it is of. */
  readonly member: number
  readonly pid: number
  readonly reason: HeapSnapshotReason
  readonly sizeBytes: number
  /** When it was begun, ms since 1970. */
  readonly takenAt: number
  /** How long the event loop stood still for it; `null` where that is not known any more. */
  readonly pausedMs: number | null
}

/** What taking one would cost now. */
export interface HeapSnapshotEstimate {
  /** How long the process would not answer anybody. */
  readonly pauseMs: number
  readonly sizeBytes: number
  readonly freeBytes: number
}
