import { createChangeListeners } from '../../../core/change-listeners.ts'
import type { Clock } from '../../../core/clock.ts'
import type { HeldMemory, MemorySign, MemoryStatus } from '../../../core/memory.ts'
import type { Alarms } from '../../../ports/alarms.ts'
import type { ComputePool } from '../../../ports/compute-pool.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { MemoryProbe } from '../../../ports/memory-probe.ts'
import { every } from './every.ts'
import { isGrownHeap } from './grown-heap.ts'
import { memoryAlerts } from './memory-alerts.ts'
import { memoryLine } from './memory-line.ts'
import { baselineLabel, createMemoryMarks } from './memory-marks.ts'
import type { MemoryPace } from './memory-pace.ts'
import { type MemoryLimits, watchProcess } from './process-memory.ts'
import { tellAlerts } from './tell-alerts.ts'
import { watchThreads } from './threads-memory.ts'

export interface MemoryWatchOptions {
  readonly probe: MemoryProbe
  readonly pool: Pick<ComputePool, 'memory' | 'collect'>
  readonly alarms: Alarms
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: MemoryLimits & {
    /** How often the log has a line about memory; 0: never. */
    readonly logMs: number
  }
  readonly pace: MemoryPace
}

/** Watches the memory of a process until it is disposed of; a collection that is under way then comes to its end for nobody. */
export interface MemoryWatch extends Disposable {
  status(): Promise<MemoryStatus>
  /** Keeps a sample under a name: the newest 20 names are kept, and of each the newest sample. */
  mark(label: string): void
  /** Hears at each look of all that speaks for one into a heap, for as long as it lasts. Call the result to stop. */
  onSign(listener: (sign: MemorySign) => void): () => void
  /** The heaps of all threads for tasks, when they were looked at last. */
  threadHeapBytes(): number
  /** What of the heap was in use after the last full collection; `null` before the first. */
  heapAfterCollection(): number | null
}

/** Looks at the samples, raises and clears the alerts about memory, and writes the log's lines. */
export function createMemoryWatch(options: MemoryWatchOptions): MemoryWatch {
  const { probe, pool, alarms, clock, logger, limits, pace } = options
  const onFailure = (error: unknown) => logger.warn({ err: error }, 'Memory could not be looked at.')
  const ofProcess = watchProcess({ probe, limits, pace, onFailure })
  const ofThreads = watchThreads({ pool, ...limits, pace, onFailure })
  const marks = createMemoryMarks()
  const startedAt = clock.now()
  const signs = createChangeListeners<MemorySign>(onFailure)
  let baseline: HeldMemory | null = null
  let isOver = false
  const mark = (label: string) => marks.add(label, probe.sample())

  async function look(): Promise<void> {
    const sample = probe.sample()
    const isWarm = sample.at - startedAt >= pace.warmUpMs
    await ofProcess.look(sample, isWarm)
    if (!isWarm || marks.has(baselineLabel)) return
    await ofProcess.settle(sample.at)
    baseline = ofProcess.held
    mark(baselineLabel)
  }

  const tellAll = tellAlerts(alarms, { onRise: (sign) => mark(labelOf(sign)), whileRaised: signs.tell })
  const tell = () => {
    if (isOver) return
    tellAll(memoryAlerts({ ofProcess, ofThreads, limits }))
    if (isGrownHeap(ofProcess, baseline, pace)) signs.tell({ kind: 'HEAP_GROWN', threadId: null })
  }
  const logLine = () => logger.info(memoryLine(probe.sample(), ofProcess, ofThreads), 'Memory.')

  const watching = [
    every(pace.sampleMs, () => look().then(tell), onFailure),
    every(pace.threadsMs, () => ofThreads.look(clock.now()).then(tell), onFailure),
    ...(limits.logMs === 0 ? [] : [every(limits.logMs, async () => logLine(), onFailure)]),
  ]
  mark('start')

  return {
    async status() {
      const threads = await pool.memory()
      return {
        now: probe.sample(),
        held: ofProcess.held,
        spaces: probe.spaces(),
        threads: threads.map(({ recentTasks: _, runs: __, ...memory }) => memory),
        growth: ofProcess.growth,
        marks: marks.read(),
      }
    },
    mark,
    onSign: signs.add,
    threadHeapBytes: () => ofThreads.latest.reduce((sum, { heapUsed }) => sum + heapUsed, 0),
    heapAfterCollection: () => ofProcess.held?.heapUsed ?? null,
    [Symbol.dispose]() {
      isOver = true
      for (const each of [ofProcess, ...watching]) each[Symbol.dispose]()
    },
  }
}

function labelOf({ kind, threadId }: MemorySign): string {
  return threadId === null ? kind : `${kind} of thread ${threadId}`
}
