import type { AlertReading } from '../../../core/alerts.ts'
import type { MemoryAlertKind } from '../../../core/memory.ts'
import { externalHigh, heapHigh, mainGrows, rssHigh, threadGrows } from './memory-sentences.ts'
import type { MemoryLimits, ProcessMemory } from './process-memory.ts'
import type { ThreadsMemory } from './threads-memory.ts'

/** How things stand with one kind of alert. */
export interface MemoryAlertState {
  readonly kind: MemoryAlertKind
  readonly reading: AlertReading | null
  /** Whose heaps it is about: threads for tasks; `null` is the main thread, or the whole process. */
  readonly threadIds: readonly (number | null)[]
}

export interface MemoryAlertsOptions {
  readonly ofProcess: Pick<ProcessMemory, 'heap' | 'rss' | 'external' | 'growth' | 'points' | 'isLeaking'>
  readonly ofThreads: Pick<ThreadsMemory, 'leaking'>
  readonly limits: MemoryLimits
}

/** How things stand with all of them. */
export function memoryAlerts({ ofProcess, ofThreads, limits }: MemoryAlertsOptions): readonly MemoryAlertState[] {
  const { heap, rss, external, isLeaking } = ofProcess
  const { leaking } = ofThreads
  const threadReading = leaking && threadGrows(leaking, limits)
  const ofAll = { threadIds: [null] }
  return [
    { ...ofAll, kind: 'HEAP_HIGH', reading: heap.isOver ? heapHigh(heap.value, limits) : null },
    { ...ofAll, kind: 'RSS_HIGH', reading: rss.isOver ? rssHigh(rss.value, limits) : null },
    { ...ofAll, kind: 'EXTERNAL_HIGH', reading: external.isOver ? externalHigh(external.value, limits) : null },
    {
      kind: 'MEMORY_GROWTH',
      reading: isLeaking ? mainGrows(ofProcess, limits) : threadReading,
      threadIds: [...(isLeaking ? [null] : []), ...(leaking === null ? [] : [leaking.threadId])],
    },
  ]
}
