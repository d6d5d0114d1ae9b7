import type { OperationsConfig } from '../settings/operations-settings.ts'
import type { Alarms } from '../ports/alarms.ts'
import type { Clock } from '../core/clock.ts'
import type { ComputePool } from '../ports/compute-pool.ts'
import type { Logger } from '../ports/logger.ts'
import type { MemoryProbe } from '../ports/memory-probe.ts'
import type { Figures } from '../ports/meter.ts'
import { limitsHere } from '../services/operations/memory/limits-here.ts'
import { type MemoryPace, usualPace } from '../services/operations/memory/memory-pace.ts'
import { createMemoryWatch, type MemoryWatch } from '../services/operations/memory/memory-watch.ts'

export interface MemoryFoundation {
  readonly memoryProbe: MemoryProbe
  readonly pool: Pick<ComputePool, 'memory' | 'collect'>
  readonly alarms: Alarms
  readonly figures: Pick<Figures, 'addSource'>
  readonly clock: Clock
  readonly logger: Logger
  /** Whether no other process of the server shares the memory that it is confined to. */
  readonly isAlone?: boolean
}

/** Watches the memory of this process and of its threads, and tells the figures that come of it. */
export function openMemory(
  { memory: wanted }: Pick<OperationsConfig, 'memory'>,
  { memoryProbe: probe, figures, isAlone = false, ...foundation }: MemoryFoundation,
  pace: MemoryPace = usualPace,
): MemoryWatch {
  const toBeHad = { heapBytes: probe.sample().heapLimit, confinedBytes: isAlone ? process.constrainedMemory() : 0 }
  const limits = limitsHere(wanted, toBeHad)
  const watch = createMemoryWatch({ probe, ...foundation, limits, pace })
  const stop = figures.addSource(() => {
    const afterCollection = watch.heapAfterCollection()
    return {
      millrace_thread_heap_used_bytes: [{ labels: {}, value: watch.threadHeapBytes() }],
      ...(afterCollection !== null && { nodejs_heap_after_gc_bytes: [{ labels: {}, value: afterCollection }] }),
    }
  })
  return {
    ...watch,
    [Symbol.dispose]() {
      stop()
      watch[Symbol.dispose]()
    },
  }
}
