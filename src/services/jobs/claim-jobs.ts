import type { Clock } from '../../core/clock.ts'
import type { Job } from '../../core/job.ts'
import type { RecordedDistribution } from '../../core/recorded-distribution.ts'
import type { Store } from '../../ports/store.ts'
import { appendStateChange } from './job-log.ts'
import type { TaskCatalogue } from './task-catalogue.ts'
import type { ThreadWaits } from '../operations/shedding/thread-waits.ts'
import type { TaskHomes } from './task-homes.ts'
import { writeJobs } from './write-jobs.ts'

export interface ClaimOptions {
  readonly store: Store
  readonly clock: Clock
  /** Who runs what is claimed. */
  readonly nodeId: string
  /** Says of which tasks only so many jobs may run at once. */
  readonly tasks: Pick<TaskCatalogue, 'tasks'>
  /** Among several nodes: only what is for this one is claimed. Where it is the only one, jobs of unknown tasks are its own to fail. */
  readonly homes?: Pick<TaskHomes, 'claimable'> | null
  /** Told how long each job was due before it was claimed. */
  readonly queueTimes?: Pick<RecordedDistribution, 'record'>
  /** Told of each claim. */
  readonly threadWaits?: Pick<ThreadWaits, 'claimed'>
}

/** What takes at most `limit` jobs for the node, with their events; how a queue gets what it hands out. */
export function claimJobs(options: ClaimOptions): (limit: number) => Promise<readonly Job[]> {
  const { store, clock, nodeId, tasks, homes = null, queueTimes, threadWaits } = options

  return async (limit) => {
    const narrowed = { ...limitsOf(tasks), ...(homes !== null && { tasks: homes.claimable() }) }
    const claimed = await writeJobs(store, async (records) => {
      const at = clock.now()
      const jobs = await records.ledger.claim({ nodeId, limit, now: at, ...narrowed })
      for (const job of inTopicOrder(jobs)) await appendStateChange(records, job, at)
      return { at, jobs }
    })
    const { at, jobs } = claimed
    const dueAt = jobs.filter(isOnTime).map(({ runAt }) => runAt)
    for (const due of dueAt) queueTimes?.record(at - due)
    threadWaits?.claimed({ room: limit, count: jobs.length, dueAt, at })
    return jobs
  }
}

/** The limits of those tasks that have one; nothing where none has. */
function limitsOf({ tasks }: Pick<TaskCatalogue, 'tasks'>): { readonly concurrency?: ReadonlyMap<string, number> } {
  const limited = tasks.flatMap(({ name, concurrency }) => (concurrency === null ? [] : [[name, concurrency] as const]))
  return limited.length === 0 ? {} : { concurrency: new Map(limited) }
}

/** Whether the job waits since `runAt`, as one does not that was claimed before, whether it ran then or not. */
export function isOnTime({ fence, attempts }: Job): boolean {
  return fence === attempts + 1
}

/** The order in which one transaction appends to the topics of several jobs. */
export function inTopicOrder(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
