import type { MemoryPace } from './memory-pace.ts'
import { createRecentReadings } from './recent-readings.ts'

/** Whether something is over its limit. It is over no more at 90 % of it. */
export interface HighMark {
  readonly isOver: boolean
  /** The figure by which it was decided last, in bytes. */
  readonly value: number
}

/** Of memory that garbage collection gives back. */
export interface HeldMark extends HighMark {
  seen(at: number, bytes: number): void
  /** What was held after a collection. It is `certain` where nothing that was freed is counted in it. */
  held(bytes: number, certain: boolean): void
  /** Whether only a collection can tell. */
  readonly isDoubtful: boolean
}

const clearShare = 0.9

/** Only what is left by a collection raises it; what is in use, garbage among it, can clear it. */
export function createHeldMark(limit: number, { steadyMs }: Pick<MemoryPace, 'steadyMs'>): HeldMark {
  const inUse = createRecentReadings(steadyMs)
  let isOver = false
  let value = 0
  const clears = (bytes: number) => isOver && bytes <= clearShare * limit

  return {
    get isOver() {
      return isOver
    },
    get value() {
      return value
    },
    get isDoubtful() {
      return isOver || (inUse.lowest() ?? 0) > limit
    },
    seen(at, bytes) {
      inUse.add(at, bytes)
      if (!clears(bytes)) return
      isOver = false
      value = bytes
    },
    held(bytes, certain) {
      if (bytes > limit ? certain : clears(bytes)) isOver = bytes > limit
      value = bytes
      if (certain || bytes <= limit) inUse.clear()
    },
  }
}

/** Of memory that is as it is: it counts once it has been over, or under, for `steadyMs`. */
export function createSteadyMark(
  limit: number,
  { steadyMs }: Pick<MemoryPace, 'steadyMs'>,
): HighMark & { seen(at: number, bytes: number): void } {
  const readings = createRecentReadings(steadyMs)
  let isOver = false
  let value = 0

  return {
    get isOver() {
      return isOver
    },
    get value() {
      return value
    },
    seen(at, bytes) {
      value = bytes
      readings.add(at, bytes)
      const lowest = readings.lowest()
      const highest = readings.highest()
      if (lowest === null || highest === null) return
      isOver = isOver ? highest > clearShare * limit : lowest > limit
    },
  }
}
