import type { Clock } from '../../core/clock.ts'
import type { Job } from '../../core/job.ts'
import type { Store } from '../../ports/store.ts'
import { inTopicOrder } from './claim-jobs.ts'
import type { BlobClearer } from './clear-blobs.ts'
import { appendStateChange } from './job-log.ts'
import { type Settled, settleAttempt } from './settle-attempt.ts'
import { type JobRecords, writeJobs } from './write-jobs.ts'

export interface SweepOptions {
  readonly store: Store
  readonly clock: Clock
  readonly clearer: Pick<BlobClearer, 'clear'>
  /** This node, whose own jobs its lease watches over. */
  readonly nodeId: string
  /** Whether other nodes whose leases have run out are known to be gone, and do not just wait for the store as this one did. */
  isSteady(): boolean
}

/** The most jobs that one transaction of a sweep moves. */
const portion = 100

/**
 * Gives up what was not begun in time, makes due jobs QUEUED and takes back those of nodes that are gone. Answers how many
 * are QUEUED by it.
 */
export async function sweep(options: SweepOptions): Promise<number> {
  await expire(options)
  return (await promote(options)) + (await reclaim(options))
}

/** Makes a portion of the jobs QUEUED whose time has come. Answers how many. */
export async function promote(options: Pick<SweepOptions, 'store' | 'clock'>): Promise<number> {
  return move(options, ({ ledger }, at) => ledger.promote(at, portion))
}

async function expire(options: SweepOptions): Promise<void> {
  for (let expired = portion; expired === portion;) {
    expired = await move(options, ({ ledger }, at) => ledger.expire(at, portion))
  }
}

/** Moves some jobs and tells the topic of each, in one transaction. Answers how many were moved. */
async function move(
  { store, clock }: Pick<SweepOptions, 'store' | 'clock'>,
  change: (records: JobRecords, at: number) => Promise<readonly Job[]>,
): Promise<number> {
  return writeJobs(store, async (records) => {
    const at = clock.now()
    const jobs = await change(records, at)
    for (const job of inTopicOrder(jobs)) await appendStateChange(records, job, at)
    return jobs.length
  })
}

async function reclaim(options: SweepOptions): Promise<number> {
  let queued = 0
  for (let found = portion; found === portion;) {
    const settled = await reclaimSome(options)
    found = settled.length
    queued += settled.filter(({ job }) => job.state === 'QUEUED').length
  }
  return queued
}

async function reclaimSome({ store, clock, nodeId, clearer, isSteady }: SweepOptions): Promise<readonly Settled[]> {
  const settled = await writeJobs(store, async (records) => {
    const at = clock.now()
    // Asked in here: the wait for the store's lock may itself have been the standstill.
    const found = await records.ledger.orphans(portion, { expired: isSteady() })
    const orphans = found.filter((job) => job.nodeId !== nodeId)
    const all: (Settled | null)[] = []
    for (const job of inTopicOrder(orphans)) {
      all.push(await settleAttempt(records, job, { type: 'lost', message: 'Its process went away.' }, { at }))
    }
    return all.filter((one) => one !== null)
  })
  clearer.clear(settled.flatMap(({ hashes }) => hashes))
  return settled
}
