import type { ThreadMemory } from '../../../core/memory.ts'
import type { ComputePool, PoolThreadMemory } from '../../../ports/compute-pool.ts'
import { askSeldom, type SeldomAsked } from './ask-seldom.ts'
import { createGrowthJudge, type GrowthJudge } from './growth-judge.ts'
import type { HeldPoint } from './growth-of.ts'
import type { MemoryPace } from './memory-pace.ts'

export interface ThreadsMemoryOptions {
  readonly pool: Pick<ComputePool, 'memory' | 'collect'>
  readonly growthBytesPerMinute: number
  readonly pace: MemoryPace
  readonly onFailure: (error: unknown) => void
}

/** A thread whose heap grows from attempt to attempt. */
export interface LeakingThread {
  readonly threadId: number
  /** What it ran last, newest first. */
  readonly recentTasks: readonly string[]
  readonly judge: Pick<GrowthJudge, 'growth' | 'points'>
}

/** Judges the heaps of the threads for tasks, each by itself. */
export interface ThreadsMemory {
  look(now: number): Promise<void>
  /** As they were when they were looked at last. */
  readonly latest: readonly ThreadMemory[]
  /** The one that grows fastest. */
  readonly leaking: LeakingThread | null
}

interface WatchedThread {
  readonly judge: GrowthJudge
  readonly collections: SeldomAsked
  latest: PoolThreadMemory
  seenAt: number
  /** How many parts it had begun when it was collected last. */
  collectedAfter: number
}

/**
 * A thread is asked to collect only when it has run something since: what one attempt gathers is its own business, what is left of many
 * is a leak. A thread that does not answer for `steadyMs` is forgotten like one that has ended.
 */
export function watchThreads({ pool, growthBytesPerMinute, pace, onFailure }: ThreadsMemoryOptions): ThreadsMemory {
  const threads = new Map<number, WatchedThread>()
  let latest: readonly ThreadMemory[] = []

  function watch(memory: PoolThreadMemory, now: number): WatchedThread {
    const { threadId } = memory
    const known = threads.get(threadId)
    if (known !== undefined) return Object.assign(known, { latest: memory, seenAt: now })
    const judge = createGrowthJudge(growthBytesPerMinute, pace)
    const collect = async (): Promise<number> => {
      const collected = await pool.collect(threadId)
      if (collected === null) return 0
      thread.collectedAfter = collected.runs
      judge.held(pointOf(collected, thread.seenAt))
      // It stops a thread, and not the server.
      return 0
    }
    const collections = askSeldom(pace, collect, onFailure)
    const thread: WatchedThread = { judge, collections, latest: memory, seenAt: now, collectedAfter: -1 }
    threads.set(threadId, thread)
    return thread
  }

  return {
    async look(now) {
      const memories = await pool.memory()
      latest = memories.map(({ recentTasks: _, runs: __, ...memory }) => memory)
      const doubtful = memories.flatMap((memory) => {
        const thread = watch(memory, now)
        const { judge } = thread
        judge.seen(pointOf(memory, now))
        const hasRun = memory.runs !== thread.collectedAfter
        return judge.isLeaking || (judge.isDoubtful && hasRun) ? [thread] : []
      })
      for (const [threadId, { seenAt }] of threads) if (seenAt < now - pace.steadyMs) threads.delete(threadId)
      await Promise.all(doubtful.map(({ collections }) => collections.ask(now)))
    },
    get latest() {
      return latest
    },
    get leaking() {
      const leaking = [...threads.values()].filter(({ judge }) => judge.isLeaking)
      const [worst] = leaking.toSorted((one, other) => rateOf(other) - rateOf(one))
      if (worst === undefined) return null
      const { judge, latest: memory } = worst
      return { threadId: memory.threadId, recentTasks: memory.recentTasks, judge }
    },
  }
}

function pointOf({ heapUsed, external }: ThreadMemory, at: number): HeldPoint {
  return { at, bytes: heapUsed + external }
}

function rateOf({ judge }: WatchedThread): number {
  return judge.growth?.bytesPerMinute ?? 0
}
