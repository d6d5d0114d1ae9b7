import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import type { Bus } from '../../ports/bus.ts'
import type { Store } from '../../ports/store.ts'
import { announceCancel } from './cancel-channel.ts'
import { inTopicOrder } from './claim-jobs.ts'
import { type BlobClearing, clearBlobs } from './clear-blobs.ts'
import { forgetJobs, forgetTopic } from './forget-jobs.ts'
import { jobsTopic } from './jobs-log.ts'
import { requestCancel } from './request-cancel.ts'
import { writeJobs } from './write-jobs.ts'

export interface PurgeOptions extends BlobClearing {
  readonly store: Store
  readonly bus: Bus
  readonly clock: Clock
  /** For how long a job is kept after its end, and a file that no job names after it was made; in ms. */
  readonly keepMs: number
}

/** How much one transaction forgets at most: it holds up every other writer. */
const portion = 20

/** So many jobs of a departed owner that were asked to stop, and have not yet, do not hide the others. */
const mostStopping = 500

/**
 * For so long, in ms, nothing must be left of a departed owner before they are forgotten: longer than any request takes that
 * was under way when the account was deleted.
 */
const clearedMs = 24 * 60 * 60 * 1000

/** For so long one call forgets things of one kind, in ms; the rest waits for the next. */
const longestMs = 20_000

/**
 * What keeps the records of jobs from growing for ever; call it once a minute. Forgets, in small transactions, jobs that
 * ended long ago with all that was told of them, files that no job names, results that are remembered no longer, and all that
 * departed owners have left. Nothing of a job that has not ended is touched, but those of departed owners are cancelled.
 */
export function createPurge(options: PurgeOptions): () => Promise<void> {
  const { store, clock, keepMs } = options

  return async () => {
    const before = clock.now() - keepMs
    await inPortions(async () => {
      const purged = await forgetJobs(store, async ({ retention }) => ({
        jobIds: await retention.purgeJobs(before, portion),
        hashes: [],
      }))
      return purged?.jobIds.length ?? portion
    })
    await inPortions(async () => {
      const hashes = await store.write(({ retention }) => retention.purgeArtifacts(before, portion))
      await clearBlobs(options, hashes)
      return hashes.length
    })
    await inPortions(() => store.write(({ retention }) => retention.purgeMemos(clock.now(), portion)))
    const clearedBefore = clock.now() - clearedMs
    const departed = await store.read(({ retention }) => retention.departedOwners(clearedBefore, portion))
    for (const ownerId of departed) await clearDeparted(options, ownerId, clearedBefore)
  }
}

/** Removes all of an owner whose account is gone, but for jobs that have yet to stop: those wait for the next time. */
async function clearDeparted(options: PurgeOptions, ownerId: string, clearedBefore: number): Promise<void> {
  const { store, clock } = options
  await inPortions(() => cancelSome(options, ownerId))
  await inPortions(async () => {
    const purged = await forgetJobs(store, ({ retention }) => retention.purgeOwner(ownerId, portion))
    await clearBlobs(options, purged?.hashes ?? [])
    return purged === null ? portion : Math.max(purged.jobIds.length, purged.hashes.length)
  })
  await forgetTopic(store, jobsTopic(ownerId))
  await store.write(({ retention }) => retention.forgetDeparted(ownerId, clock.now(), clearedBefore))
}

/** Answers how many it cancelled or asked to stop. */
async function cancelSome({ store, bus, clock }: PurgeOptions, ownerId: string): Promise<number> {
  const asked = await writeJobs(store, async (records) => {
    const jobs = await records.retention.unfinishedOf(ownerId, mostStopping + portion)
    const running: string[] = []
    const unasked = inTopicOrder(jobs.filter(({ cancelRequestedAt }) => cancelRequestedAt === null).slice(0, portion))
    for (const { id } of unasked) {
      const job = await requestCancel(records, id, clock.now())
      if (job?.state === 'RUNNING') running.push(id)
    }
    return { running, count: unasked.length }
  })
  for (const id of asked.running) announceCancel(bus, id)
  return asked.count
}

/** Works off portions, with other work in between, until one is not full or the time is up. */
async function inPortions(work: () => Promise<number>): Promise<void> {
  const end = performance.now() + longestMs
  while ((await work()) >= portion && performance.now() < end) await nextTurn()
}
