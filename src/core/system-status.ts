import type { AlertKind } from './alerts.ts'
import type { ProcessLoad } from './cluster.ts'
import type { HeapSnapshotEstimate } from './heap-snapshot.ts'
import type { LoopStatus } from './loop.ts'
import type { MemoryStatus } from './memory.ts'
import type { SheddingStatus } from './shedding.ts'

/** What a process says of itself. */
export interface ProcessStatus {
  /** Its place, counted from 1; 0 for the primary. */
  readonly number: number
  /** `null` for the primary, which runs no jobs. */
  readonly nodeId: string | null
  readonly pid: number
  readonly version: string
  readonly nodeVersion: string
  readonly at: number
  readonly load: ProcessLoad
  readonly memory: MemoryStatus
  readonly loop: LoopStatus
  /** `null` for the primary, which takes no requests. */
  readonly shedding: SheddingStatus | null
  /** What a heap snapshot would cost; `null` where none is taken (`HEAP_SNAPSHOTS`). */
  readonly snapshot: HeapSnapshotEstimate | null
  readonly alerts: readonly AlertKind[]
}

/** What all processes say of themselves, as far as they answered in time. */
export interface SystemStatus {
  readonly at: number
  readonly processes: readonly ProcessStatus[]
  /** The numbers of those that did not answer. */
  readonly silent: readonly number[]
}
