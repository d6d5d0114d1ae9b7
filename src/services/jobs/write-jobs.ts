import type { JobStateChange } from '../../core/job.ts'
import type { Records, Store } from '../../ports/store.ts'
import { tellOwners } from './jobs-log.ts'

/** The records in a transaction that changes the states of jobs: each change is noted, for the owner to be told of it. */
export interface JobRecords extends Records {
  /** Called once for each change, in order. */
  readonly changed: (change: JobStateChange) => void
}

/** `Store.write` for what changes the states of jobs. The owners are told at its end, so that topics are written in the order of their names. */
export function writeJobs<T>(store: Pick<Store, 'write'>, work: (records: JobRecords) => Promise<T>): Promise<T> {
  return store.write(async (records) => {
    const changes: JobStateChange[] = []
    const result = await work({ ...records, changed: (change) => void changes.push(change) })
    await tellOwners(records, changes)
    return result
  })
}
