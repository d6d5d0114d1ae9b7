import type { AlertReading } from '../../../core/alerts.ts'
import { externalHigh, heapHigh, mainGrows, rssHigh, threadGrows } from './memory-sentences.ts'
import type { MemoryLimits, ProcessMemory } from './process-memory.ts'
import type { ThreadsMemory } from './threads-memory.ts'

export type MemoryAlertKind = 'HEAP_HIGH' | 'RSS_HIGH' | 'EXTERNAL_HIGH' | 'MEMORY_GROWTH'

/** How things stand with one kind of alert. */
export interface MemoryAlertState {
  readonly kind: MemoryAlertKind
  /** The thread for tasks that it is about, if it is about one. */
  readonly threadId: number | null
  readonly reading: AlertReading | null
}

export interface ReadAlertsOptions {
  readonly ofProcess: Pick<ProcessMemory, 'heap' | 'rss' | 'external' | 'growth' | 'points' | 'isLeaking'>
  readonly ofThreads: Pick<ThreadsMemory, 'leaking'>
  readonly limits: MemoryLimits
}

/** How things stand with all of them. */
export function readAlerts({ ofProcess, ofThreads, limits }: ReadAlertsOptions): readonly MemoryAlertState[] {
  const { heap, rss, external } = ofProcess
  const leaking = ofProcess.isLeaking ? null : ofThreads.leaking
  const growing = leaking === null ? null : threadGrows(leaking, limits)
  return [
    { kind: 'HEAP_HIGH', threadId: null, reading: heap.isOver ? heapHigh(heap.value, limits) : null },
    { kind: 'RSS_HIGH', threadId: null, reading: rss.isOver ? rssHigh(rss.value, limits) : null },
    { kind: 'EXTERNAL_HIGH', threadId: null, reading: external.isOver ? externalHigh(external.value, limits) : null },
    {
      kind: 'MEMORY_GROWTH',
      threadId: leaking?.threadId ?? null,
      reading: ofProcess.isLeaking ? mainGrows(ofProcess, limits) : growing,
    },
  ]
}
