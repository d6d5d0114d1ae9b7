import type { Clock } from '../../core/clock.ts'
import { isTerminal, type Job } from '../../core/job.ts'
import type { KnownPrincipal } from '../../core/principal.ts'
import type { Bus } from '../../ports/bus.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { NewJob } from '../../ports/ledger.ts'
import type { Store } from '../../ports/store.ts'
import { type Admission, admitsAll } from '../operations/shedding/admission.ts'
import type { Hub } from '../streams/stream.ts'
import { assertInputFits } from './assert-input-fits.ts'
import { describeJob } from './describe-job.ts'
import { announceDue } from './due-channel.ts'
import { enterJob } from './enter-job.ts'
import { readMemoKey } from './memo-key.ts'
import { checkOptions, type SubmitOptions } from './submit-options.ts'
import type { TaskCatalogue } from './task-catalogue.ts'
import { waitForEnd } from './wait-for-end.ts'
import { writeJobs } from './write-jobs.ts'

export interface SubmissionOptions {
  readonly store: Store
  readonly queue: Pick<JobQueue, 'announce'>
  readonly bus: Bus
  readonly hub: Hub
  readonly tasks: TaskCatalogue
  readonly clock: Clock
  /** How many unfinished jobs one user may have. */
  readonly maxUnfinished: number
  /** By default nobody is refused for load. */
  readonly admission?: Pick<Admission, 'admitJob'>
}

/** What is to be run, and how. */
export interface Submission {
  readonly task: string
  /** As the caller sent it; of a job that is done again what is stored of it. */
  readonly input: unknown
  readonly options: SubmitOptions
  /** The job that is done again; its priority and its tags hold unless others are given. */
  readonly retryOf: Job | null
}

/** What enters jobs; durable once it resolves. Throws what `Jobs.submit` throws. */
export function createSubmission(
  options: SubmissionOptions,
): (owner: KnownPrincipal, what: Submission) => Promise<Job> {
  const { store, queue, bus, hub, tasks, clock, maxUnfinished, admission = admitsAll } = options

  function announce(job: Job): void {
    if (job.state === 'QUEUED') queue.announce()
    if (job.state === 'SCHEDULED') announceDue(bus, job.runAt)
  }

  return async (owner, { task, input, options: given, retryOf }) => {
    const at = clock.now()
    const { waitMs, memo, ...asked } = checkOptions(retryOf === null ? given : asBefore(retryOf, given), at)
    // What is stored has its defaults filled in: it was measured without them.
    if (retryOf === null) assertInputFits(input)
    const described = describeJob(tasks, { ownerId: owner.userId, task, input, at })
    const memoKey = memo === 'BYPASS' ? null : await readMemoKey(store, tasks, described)
    const newJob: NewJob = { ...described, ...asked, memoKey, retryOf: retryOf?.id ?? null }
    // What is done again is not to be what it was before.
    const useMemo = memo === 'USE' && retryOf === null
    const { job, isNew } = await writeJobs(store, (records) =>
      enterJob(records, owner, newJob, { maxUnfinished, admission, useMemo }),
    )
    if (isNew) announce(job)
    return waitMs === 0 || isTerminal(job.state) ? job : waitForEnd(hub, clock, job, waitMs)
  }
}

function asBefore({ priority, tags }: Job, given: SubmitOptions): SubmitOptions {
  return { ...given, priority: given.priority ?? priority, tags: given.tags ?? tags }
}
