import type { MemoryGrowth } from '../../../core/memory.ts'
import { growthOf, type HeldPoint } from './growth-of.ts'
import { createHeldWindow } from './held-window.ts'
import type { MemoryPace } from './memory-pace.ts'
import { createRecentReadings } from './recent-readings.ts'

/** Judges whether one heap leaks. */
export interface GrowthJudge {
  /** What was in use, garbage among it. */
  seen(point: HeldPoint): void
  /** What was left by a full collection. */
  held(point: HeldPoint): void
  /** `null` while there is too little to judge by. */
  readonly growth: MemoryGrowth | null
  readonly isLeaking: boolean
  /**
   * Whether only a collection can tell how things stand: even at its lowest, more is in use than could be if what was held last
   * had grown at the limit. Where garbage just lies around, the collection shows it.
   */
  readonly isDoubtful: boolean
  /** The points that the judgement stands on. */
  readonly points: readonly HeldPoint[]
}

/** Nearly all pairs of points rise where something leaks, and half of them where nothing does. */
const risingToRaise = 0.9
const risingToClear = 0.8
/** Which part of the limit counts as back below it, and which part a quarter of the window must rise by. */
const clearShare = 0.9
const quarterShare = 0.5

/**
 * It leaks when what is held has risen steadily and faster than the limit (bytes a minute), at half of that at least in each quarter of
 * the window: a cache that fills began to, or has stopped. Points are full collections only, so that garbage, however slowly it is
 * collected, is no growth.
 */
export function createGrowthJudge(limit: number, pace: MemoryPace): GrowthJudge {
  const window = createHeldWindow(pace)
  const inUse = createRecentReadings(pace.steadyMs)
  let base: HeldPoint | null = null
  let isLeaking = false
  let growth: MemoryGrowth | null = null
  let isDoubtful = false

  function judge(): void {
    const points = window.read()
    const whole = growthOf(points)
    growth = whole !== null && whole.points >= pace.minPoints && whole.overMs >= pace.minSpanMs ? whole : null
    if (growth === null) return
    const { bytesPerMinute, risingPairs } = growth
    isLeaking = isLeaking
      ? bytesPerMinute > clearShare * limit && risingPairs >= risingToClear && riseInQuarters(points).at(-1) !== false
      : bytesPerMinute > limit && risingPairs >= risingToRaise && !riseInQuarters(points).includes(false)
  }

  /** `null` for a quarter with too few points. */
  function riseInQuarters(points: readonly HeldPoint[]): readonly (boolean | null)[] {
    return quartersOf(points).map((quarter) => {
      const own = growthOf(quarter)
      return own === null ? null : own.bytesPerMinute > limit * quarterShare
    })
  }

  return {
    seen(point) {
      inUse.add(point.at, point.bytes)
      const low = inUse.lowest()
      if (low === null) return
      // Where memory grows, its lowest is as old as the readings go back.
      const at = point.at - pace.steadyMs
      // A long time without growth would hide that it has begun.
      if (base === null || low < base.bytes || at - base.at > pace.windowMs) base = { at, bytes: low }
      const minutes = Math.max(at - base.at, pace.askMs) / 60_000
      isDoubtful = low - base.bytes > limit * minutes
    },
    held(point) {
      base = point
      inUse.clear()
      isDoubtful = false
      if (window.add(point)) judge()
    },
    get growth() {
      return growth
    },
    get isLeaking() {
      return isLeaking
    },
    get isDoubtful() {
      return isDoubtful
    },
    get points() {
      return window.read()
    },
  }
}

/** The points of each quarter of the time, those on a border in both. */
function quartersOf(points: readonly HeldPoint[]): readonly (readonly HeldPoint[])[] {
  const from = points[0]?.at ?? 0
  const quarterMs = ((points.at(-1)?.at ?? 0) - from) / 4
  return [0, 1, 2, 3].map((quarter) =>
    points.filter(({ at }) => at >= from + quarter * quarterMs && at <= from + (quarter + 1) * quarterMs),
  )
}
