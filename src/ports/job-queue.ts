import type { Job } from '../core/job.ts'

/**
 * Hands jobs to whoever has a free thread. The ledger decides who has a job; a queue only makes it quick.
 *
 * Guaranteed: a job that `take` gave out is RUNNING in the ledger for this node with a fence of its own; nobody else gets
 * it under that fence; a QUEUED job is handed out sooner or later although every hint about it was lost.
 */
export interface JobQueue extends AsyncDisposable {
  /** Tells everyone that there is new work. Called after the commit; may be lost. */
  announce(): void
  /**
   * Waits for work and claims at most as many jobs as `limit` answers, which is asked before each look: there may be less room
   * by then than when the waiting began. Answers `[]` when the signal is aborted or there is no room, and only then.
   */
  take(limit: () => number, signal: AbortSignal): Promise<readonly Job[]>
}
