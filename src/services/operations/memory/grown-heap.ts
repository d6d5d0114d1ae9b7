import type { HeldMemory } from '../../../core/memory.ts'
import { growthOf } from './growth-of.ts'
import type { MemoryPace } from './memory-pace.ts'
import type { ProcessMemory } from './process-memory.ts'

/** Which part of the pairs of points must rise: one that has filled its caches rises no more. */
const rising = 0.9

/**
 * Whether the heap has grown so much that a leak would show in it, and grows on. `baseline` is what was
 * held when the process had warmed up. It is no alert: what is filled may come to an end.
 */
export function isGrownHeap(
  { held, points }: Pick<ProcessMemory, 'held' | 'points'>,
  baseline: HeldMemory | null,
  pace: Pick<MemoryPace, 'grownTimes' | 'grownBytes' | 'minPoints' | 'minSpanMs'>,
): boolean {
  if (baseline === null || held === null) return false
  const least = Math.max(pace.grownTimes * baseline.heapUsed, baseline.heapUsed + pace.grownBytes)
  if (held.heapUsed < least || points.length < pace.minPoints) return false
  const growth = growthOf(points)
  // Sooner than an alert about growth, but caches that fill after a start are past the steepest.
  return growth !== null && growth.risingPairs >= rising && growth.overMs >= pace.minSpanMs / 2
}
