import type { Clock } from '../../../core/clock.ts'
import { createLeast } from './least.ts'

/** How long jobs that could run wait for threads of this process. */
export interface ThreadWaits {
  /**
   * Hears of each claim: how many jobs it had room for, and when those were due that came, without those that wait since something
   * else. `at` in ms since 1970.
   */
  claimed(claim: {
    readonly room: number
    readonly count: number
    readonly dueAt: readonly number[]
    readonly at: number
  }): void
  /** In ms, the least of what was claimed within a minute; of the last claim where none was made since. */
  read(): number
}

export interface ThreadWaitsOptions {
  readonly clock: Clock
  /** In ms; of any epoch. */
  readonly now: () => number
}

/** Long enough that one claim of jobs that somebody did not want sooner is not taken for all, in ms. */
const windowMs = 60_000

/**
 * Measured by claims. One that brings fewer jobs than there was room for leaves none behind that could run: whatever waits then waits for
 * something else (the limit of its task, a process that has the task), and no job has waited for a thread since before. So nothing
 * counts from before the last such claim, nor from before this process.
 */
export function createThreadWaits({ clock, now }: ThreadWaitsOptions): ThreadWaits {
  const least = createLeast({ windowMs, fewest: 1, oldestMs: Infinity })
  let noneWaitedAt = clock.now()

  return {
    claimed({ room, count, dueAt, at }) {
      if (count < room) {
        noneWaitedAt = at
        least.add(0, now())
      } else if (dueAt.length > 0) {
        const waits = dueAt.map((due) => Math.max(0, at - Math.max(due, noneWaitedAt)))
        least.add(Math.min(...waits), now())
      }
    },
    read: () => least.read(now()) ?? 0,
  }
}
