import type { HeldPoint } from './growth-of.ts'
import type { MemoryPace } from './memory-pace.ts'

/** What was held of late, in order. */
export interface HeldWindow {
  /** Whether that changed something. */
  add(point: HeldPoint): boolean
  read(): readonly HeldPoint[]
}

/** Of points that lie so close that there would be more than `maxPoints`, the lowest is kept: garbage only ever adds. */
export function createHeldWindow({ windowMs, maxPoints }: Pick<MemoryPace, 'windowMs' | 'maxPoints'>): HeldWindow {
  const bucketMs = windowMs / maxPoints
  const bucketOf = ({ at }: HeldPoint) => Math.floor(at / bucketMs)
  let points: HeldPoint[] = []

  return {
    add(point) {
      const last = points.at(-1)
      if (last !== undefined && bucketOf(last) === bucketOf(point)) {
        if (point.bytes >= last.bytes) return false
        points = [...points.slice(0, -1), point]
        return true
      }
      points = [...points, point].filter(({ at }) => at > point.at - windowMs).slice(-maxPoints)
      return true
    },
    read: () => points,
  }
}
