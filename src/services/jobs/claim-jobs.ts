import type { Clock } from '../../core/clock.ts'
import type { Job } from '../../core/job.ts'
import type { Store } from '../../ports/store.ts'
import { appendJobEvent } from './job-log.ts'

export interface ClaimOptions {
  readonly store: Store
  readonly clock: Clock
  /** Who runs what is claimed. */
  readonly nodeId: string
}

/** What takes at most `limit` jobs for the node, with their events; how a queue gets what it hands out. */
export function claimJobs({ store, clock, nodeId }: ClaimOptions): (limit: number) => Promise<readonly Job[]> {
  return (limit) =>
    store.write(async (records) => {
      const at = clock.now()
      const jobs = await records.ledger.claim({ nodeId, limit, now: at })
      for (const job of inTopicOrder(jobs)) await appendJobEvent(records, { type: 'JobStateChanged', at, job })
      return jobs
    })
}

/** The order in which one transaction appends to the topics of several jobs. */
export function inTopicOrder(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
