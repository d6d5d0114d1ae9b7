import type { AttemptEnd } from './attempt-end.ts'
import { tellStop, type Control } from '../control.ts'
import type { ThreadRun } from './thread-run.ts'

/** What stops an attempt, on all of its threads: first it asks, then, after the grace, it ends them. */
export interface Brake {
  /** Why the attempt was stopped: the first reason counts. */
  readonly reason: AttemptEnd | null
  /** Aborted once there is a reason. */
  readonly signal: AbortSignal
  /** Asks all threads to stop, by the shared flag and by message, and ends those that are there `graceMs` later. */
  stop(as: AttemptEnd, graceMs: number): void
  /** Has the thread stopped too. Call the result when its part has ended. */
  holds(run: ThreadRun): () => void
}

export function createBrake(control: Control): Brake {
  const runs = new Set<ThreadRun>()
  let reason: AttemptEnd | null = null
  let grace: NodeJS.Timeout | null = null
  // Made for who waits for a thread, which few do.
  let controller: AbortController | null = null

  return {
    get reason() {
      return reason
    },
    get signal() {
      controller ??= new AbortController()
      if (reason !== null) controller.abort()
      return controller.signal
    },
    stop(as, graceMs) {
      if (reason !== null) return
      reason = as
      tellStop(control)
      controller?.abort()
      for (const run of runs) run.post({ type: 'stop' })
      if (runs.size === 0) return
      grace = setTimeout(() => {
        for (const run of runs) run.kill()
      }, graceMs)
    },
    holds(run) {
      runs.add(run)
      return () => {
        runs.delete(run)
        if (runs.size === 0 && grace !== null) clearTimeout(grace)
      }
    },
  }
}
