/** The memory of a process at a time, in bytes. */
export interface MemorySample {
  /** ms since 1970 */
  readonly at: number
  readonly rss: number
  /** Of the main thread, as of `heapTotal` and `heapLimit`. */
  readonly heapUsed: number
  readonly heapTotal: number
  readonly heapLimit: number
  /** Array buffers among it. */
  readonly external: number
  readonly arrayBuffers: number
}

/** What was held right after a full garbage collection: heap and external memory of the main thread, in bytes. */
export interface HeldMemory {
  readonly at: number
  readonly heapUsed: number
  readonly external: number
}

export interface HeapSpace {
  readonly name: string
  readonly usedBytes: number
  readonly sizeBytes: number
}

/** The heap of a thread for tasks, in bytes. */
export interface ThreadMemory {
  readonly threadId: number
  /** The task that it runs; `null` where it runs none. */
  readonly task: string | null
  readonly heapUsed: number
  readonly heapTotal: number
  readonly heapLimit: number
  readonly external: number
}

/** The alerts about memory. */
export type MemoryAlertKind = 'HEAP_HIGH' | 'RSS_HIGH' | 'EXTERNAL_HIGH' | 'MEMORY_GROWTH'

/** What speaks for a look into a heap: an alert about memory that lasts, or `HEAP_GROWN`: it may leak, and is small as yet. */
export interface MemorySign {
  readonly kind: MemoryAlertKind | 'HEAP_GROWN'
  /** The thread for tasks whose heap it is about; `null`: the main thread, or the whole process. */
  readonly threadId: number | null
}

/** A sample that was kept under a name, such as `baseline`. */
export interface MemoryMark {
  readonly label: string
  readonly sample: MemorySample
}

/** How what is held grows. */
export interface MemoryGrowth {
  /** The robust slope, in bytes a minute: the median of the slopes between all pairs of points (Theil and Sen). */
  readonly bytesPerMinute: number
  /** The part of the pairs in which the later one is higher, 0 to 1: near 1 it grows without ever falling. */
  readonly risingPairs: number
  /** From how many full collections, over how long a time, in ms. */
  readonly points: number
  readonly overMs: number
}

/** What a process knows of its memory. */
export interface MemoryStatus {
  readonly now: MemorySample
  /** The latest of those after a full collection; `null` before the first one. */
  readonly held: HeldMemory | null
  readonly spaces: readonly HeapSpace[]
  /** Those that answered in time. */
  readonly threads: readonly ThreadMemory[]
  /** `null` while there is too little to judge by. */
  readonly growth: MemoryGrowth | null
  /** The newest, bounded; `baseline` is always among them once it was taken. */
  readonly marks: readonly MemoryMark[]
}
