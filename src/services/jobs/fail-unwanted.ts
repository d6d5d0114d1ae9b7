import type { Clock } from '../../core/clock.ts'
import type { Store } from '../../ports/store.ts'
import { changeState } from './change-state.ts'
import { inTopicOrder } from './claim-jobs.ts'
import type { TaskCatalogue } from './task-catalogue.ts'
import { versionsOf } from './task-homes.ts'
import { writeJobs } from './write-jobs.ts'

export interface UnwantedOptions {
  readonly store: Store
  readonly clock: Clock
  /** This node's own. */
  readonly tasks: Pick<TaskCatalogue, 'tasks'>
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs?: () => number
}

/**
 * For so long a job waits, once it is due, for a node that has its task, in ms: longer than it takes until one release has
 * replaced another on all nodes.
 */
const patienceMs = 60_000

/** The most jobs that one transaction fails. */
const portion = 100

/**
 * What fails the QUEUED jobs whose task no node has had for a minute; call it about each second. It has to have seen for as
 * long itself that nobody has the task, so that nodes that are only being started anew are waited for.
 */
export function createUnwantedFailing(options: UnwantedOptions): () => Promise<void> {
  const { store, clock, tasks, monotonicMs = () => performance.now() } = options
  const missingSince = new Map<string, number>()

  async function findMissing(): Promise<readonly string[]> {
    return store.read(async ({ ledger, nodes }) => {
      const own = versionsOf(tasks)
      const foreign = (await ledger.queuedTasks()).filter((task) => !own.has(task))
      if (foreign.length === 0) return []
      const live = await nodes.live()
      return foreign.filter((task) => !live.some((node) => node.tasks.has(task)))
    })
  }

  async function failSome(task: string): Promise<number> {
    return writeJobs(store, async (records) => {
      const at = clock.now()
      const jobs = await records.ledger.queuedOf(task, at - patienceMs, portion)
      const error = { code: 'UNKNOWN_TASK', message: `No task named ${task} is loaded any more.` } as const
      for (const { id } of inTopicOrder(jobs)) await changeState(records, id, 'unwanted', { change: { error }, at })
      return jobs.length
    })
  }

  return async () => {
    const missing = await findMissing()
    for (const task of missingSince.keys()) if (!missing.includes(task)) missingSince.delete(task)
    for (const task of missing) {
      const since = missingSince.get(task) ?? monotonicMs()
      missingSince.set(task, since)
      if (monotonicMs() - since < patienceMs) continue
      for (let failed = portion; failed === portion;) failed = await failSome(task)
    }
  }
}
