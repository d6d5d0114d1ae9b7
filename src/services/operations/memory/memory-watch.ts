import type { Clock } from '../../../core/clock.ts'
import type { MemoryStatus } from '../../../core/memory.ts'
import type { Alarms } from '../../../ports/alarms.ts'
import type { ComputePool } from '../../../ports/compute-pool.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { MemoryProbe } from '../../../ports/memory-probe.ts'
import { every } from './every.ts'
import { memoryLine } from './memory-line.ts'
import { baselineLabel, createMemoryMarks } from './memory-marks.ts'
import type { MemoryPace } from './memory-pace.ts'
import { type MemoryLimits, watchProcess } from './process-memory.ts'
import { readAlerts } from './read-alerts.ts'
import { type MemoryAlarm, tellAlerts } from './tell-alerts.ts'
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
  /** Hears of each alert about memory once, when it is raised. It must not throw. Call the result to stop. */
  onRaised(listener: (alarm: MemoryAlarm) => void): () => void
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
  const { growthBytesPerMinute } = limits
  const ofThreads = watchThreads({ pool, growthBytesPerMinute, pace, onFailure })
  const marks = createMemoryMarks()
  const startedAt = clock.now()
  let isOver = false
  const mark = (label: string) => marks.add(label, probe.sample())

  async function look(): Promise<void> {
    const sample = probe.sample()
    const isWarm = sample.at - startedAt >= pace.warmUpMs
    await ofProcess.look(sample, isWarm)
    if (!isWarm || marks.has(baselineLabel)) return
    await ofProcess.settle(sample.at)
    mark(baselineLabel)
  }

  const alerts = tellAlerts(alarms)
  alerts.onRaised(({ kind }) => mark(kind))
  const tell = () => {
    if (!isOver) alerts.tell(readAlerts({ ofProcess, ofThreads, limits }))
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
    onRaised: alerts.onRaised,
    threadHeapBytes: () => ofThreads.latest.reduce((sum, { heapUsed }) => sum + heapUsed, 0),
    heapAfterCollection: () => ofProcess.held?.heapUsed ?? null,
    [Symbol.dispose]() {
      isOver = true
      for (const each of [ofProcess, ...watching]) each[Symbol.dispose]()
    },
  }
}
