import type { HeldMemory, MemoryGrowth, MemorySample } from '../../../core/memory.ts'
import type { MemoryProbe } from '../../../ports/memory-probe.ts'
import { askSeldom } from './ask-seldom.ts'
import { createGrowthJudge } from './growth-judge.ts'
import type { HeldPoint } from './growth-of.ts'
import { createHeldMark, createSteadyMark, type HighMark } from './high-mark.ts'
import type { MemoryPace } from './memory-pace.ts'

/** Above which an alert is raised. In bytes. */
export interface MemoryLimits {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly externalBytes: number
  readonly growthBytesPerMinute: number
}

export interface ProcessMemoryOptions {
  readonly probe: Pick<MemoryProbe, 'onFullCollection' | 'collectNow'>
  readonly limits: MemoryLimits
  readonly pace: MemoryPace
  /** A collection that was asked for came to nothing. */
  readonly onFailure: (error: unknown) => void
}

/** Judges the memory of the process, and of its main thread. */
export interface ProcessMemory extends Disposable {
  /** Nothing counts as growth while the process warms up. Resolves when all is known that the sample gives cause to find out. */
  look(sample: MemorySample, isWarm: boolean): Promise<void>
  /** Has all garbage collected, unless that was done a short time ago. */
  settle(now: number): Promise<void>
  /** `null` before the first full collection. */
  readonly held: HeldMemory | null
  readonly heap: HighMark
  readonly external: HighMark
  readonly rss: HighMark
  readonly growth: MemoryGrowth | null
  readonly isLeaking: boolean
  readonly points: readonly HeldPoint[]
}

export function watchProcess({ probe, limits, pace, onFailure }: ProcessMemoryOptions): ProcessMemory {
  const judge = createGrowthJudge(limits.growthBytesPerMinute, pace)
  const heap = createHeldMark(limits.heapBytes, pace)
  const external = createHeldMark(limits.externalBytes, pace)
  const rss = createSteadyMark(limits.rssBytes, pace)
  let held: HeldMemory | null = null
  let warm = false

  function hear(memory: HeldMemory, isCertain: boolean): void {
    held = memory
    heap.held(memory.heapUsed, true)
    external.held(memory.external, isCertain)
    if (warm) judge.held({ at: memory.at, bytes: memory.heapUsed + memory.external })
  }

  // Buffers that a collection freed are still counted after it, unless it was asked for.
  const stop = probe.onFullCollection((memory) => hear(memory, false))
  const collect = async (): Promise<number> => {
    const { pauseMs, ...memory } = await probe.collectNow()
    hear(memory, true)
    return pauseMs
  }
  const collections = askSeldom(pace, collect, onFailure)

  return {
    async look({ at, heapUsed, external: outside, rss: resident }, isWarm) {
      warm = isWarm
      heap.seen(at, heapUsed)
      external.seen(at, outside)
      rss.seen(at, resident)
      if (warm) judge.seen({ at, bytes: heapUsed + outside })
      const isTold = held !== null && at - held.at < pace.askMs
      // What was told of late was told of the heap for certain.
      const isDoubtful = external.isDoubtful || (!isTold && (heap.isDoubtful || judge.isDoubtful || judge.isLeaking))
      if (isDoubtful) await collections.ask(at)
    },
    settle: (now) => collections.ask(now),
    get held() {
      return held
    },
    heap,
    external,
    rss,
    get growth() {
      return judge.growth
    },
    get isLeaking() {
      return judge.isLeaking
    },
    get points() {
      return judge.points
    },
    [Symbol.dispose]: stop,
  }
}
