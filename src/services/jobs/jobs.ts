import { NotFoundError, Refusal } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { isTerminal, type Job, type JobAttempt } from '../../core/job.ts'
import { type Page, type PageRequest, readPageRequest, toPage } from '../../core/page.ts'
import type { KnownPrincipal, Principal } from '../../core/principal.ts'
import type { Artifact } from '../../ports/artifact-index.ts'
import type { JobFilter } from '../../ports/ledger.ts'
import type { Store } from '../../ports/store.ts'
import type { ResumeRequest, TopicStream } from '../streams/stream.ts'
import { announceCancel } from './cancel-channel.ts'
import { assertFilter } from './job-filter.ts'
import { jobStream } from './job-stream.ts'
import { jobsStream } from './jobs-stream.ts'
import { assertScope, canCancelJob, canReadJob, canRetryJob } from './policies.ts'
import { readPartials } from './read-partials.ts'
import { requestCancel } from './request-cancel.ts'
import { createSubmission, type SubmissionOptions } from './submit-job.ts'
import type { SubmitOptions } from './submit-options.ts'
import { writeJobs } from './write-jobs.ts'
import { assertBudgetLeft, createReadBudget, type OutputForm, type ReadBudget, spend } from './read-budget.ts'

/**
 * What people do with jobs. Every function checks that the principal may: someone else's job does not exist.
 * All throw `UNAUTHENTICATED` and `INSUFFICIENT_SCOPE`.
 */
export interface Jobs {
  /**
   * Enters a job; durable once it resolves.
   * Throws `UNKNOWN_TASK`, `InvalidInputError`, `IdempotencyConflictError`, `QuotaExceededError`, `OVERLOADED`, and `NotFoundError` for
   * an artifact in the input that is not there.
   */
  submit(principal: Principal, task: string, input: unknown, options?: SubmitOptions): Promise<Job>
  find(principal: Principal, id: string): Promise<Job | null>
  /**
   * Enters a new job with the task and the input of one that has ended, its priority and tags unless others are given; the
   * new one names it in `retryOf`. A remembered result is not used. Throws `JOB_NOT_FINISHED`, `NotFoundError`, and what
   * `submit` throws.
   */
  retry(principal: Principal, id: string, options?: SubmitOptions): Promise<Job>
  /** The principal's own jobs, newest first. Throws an `InvalidInputError` for a page or a filter that cannot be. */
  list(principal: Principal, page: PageRequest, filter?: JobFilter): Promise<Page<Job>>
  /** The attempts of a job that the caller has already been given, first to last. */
  attempts(job: Job): Promise<readonly JobAttempt[]>
  /** The files that such a job wrote. */
  written(job: Job): Promise<readonly Artifact[]>
  /**
   * The output of a job that the caller has already been given; `null` before success. Throws `OPERATION_TOO_COSTLY` when
   * the budget, which several reads may share, is used up; in what form it is answered says what it costs.
   */
  output(job: Job, budget?: ReadBudget, form?: OutputForm): Promise<unknown>
  /**
   * The newest partial results of a job that the caller has already been given, oldest of them first: at most `last`, from
   * 1 to 100. Throws an `InvalidInputError`, and `OPERATION_TOO_COSTLY` as `output` does.
   */
  partials(job: Job, last: number, budget?: ReadBudget): Promise<readonly unknown[]>
  /** Asks the job to stop; a job that has ended is answered as it is. Throws `NotFoundError`. */
  cancel(principal: Principal, id: string): Promise<Job>
  /** The events of the topic `job:<id>`; item bodies are `JobEvent`. Throws `NotFoundError`. */
  watch(principal: Principal, id: string, resume: ResumeRequest | null): Promise<TopicStream>
  /** What becomes of the principal's own jobs, on the topic `jobs:<user>`; item bodies are `JobsEvent`. */
  watchAll(principal: Principal, resume: ResumeRequest | null): Promise<TopicStream>
}

/** `Jobs` over the ledger. */
export function createJobs(options: SubmissionOptions): Jobs {
  const { store } = options

  async function findReadable(principal: KnownPrincipal, id: string): Promise<Job | null> {
    if (!isId('job', id)) return null
    const job = await store.read(({ ledger }) => ledger.find(id))
    return job !== null && canReadJob(principal, job) ? job : null
  }

  return { ...queries(options, findReadable), ...details(store), ...commands(options, findReadable) }
}

/** The job, if there is one that the principal may see. */
type FindReadable = (principal: KnownPrincipal, id: string) => Promise<Job | null>

function queries(
  { store, hub, clock }: SubmissionOptions,
  findReadable: FindReadable,
): Pick<Jobs, 'find' | 'list' | 'watch' | 'watchAll'> {
  return {
    async find(principal, id) {
      return findReadable(assertScope(principal, 'jobs:read'), id)
    },

    async list(principal, page, filter = {}) {
      const { userId } = assertScope(principal, 'jobs:read')
      const { first, afterId: before } = readPageRequest(page, 'job')
      assertFilter(filter)
      const found = await store.read(({ ledger }) => ledger.list(userId, { limit: first + 1, before, filter }))
      return toPage(found, first)
    },

    async watch(principal, id, resume) {
      const found = await findReadable(assertScope(principal, 'jobs:read'), id)
      if (found === null) throw new NotFoundError('job')
      return hub.open({ ...jobStream(id, clock), resume })
    },

    async watchAll(principal, resume) {
      const { userId } = assertScope(principal, 'jobs:read')
      return hub.open({ ...jobsStream(userId, clock), resume })
    },
  }
}

function details(store: Store): Pick<Jobs, 'attempts' | 'written' | 'output' | 'partials'> {
  return {
    attempts: (job) => store.read(({ ledger }) => ledger.attempts(job.id)),

    written: (job) => store.read(({ ledger }) => ledger.written(job.id)),

    async output(job, budget = createReadBudget(), form = 'JSON') {
      if (job.state !== 'SUCCEEDED') return null
      const text = await store.read(async ({ ledger }) => {
        assertBudgetLeft(budget)
        const found = await ledger.output(job.id)
        spend(budget, found?.length ?? 0, form)
        return found
      })
      return text === null ? null : parse(text)
    },

    partials: (job, last, budget = createReadBudget()) => readPartials(store, job, last, budget),
  }
}

function parse(text: string): unknown {
  return JSON.parse(text)
}

function commands(options: SubmissionOptions, findReadable: FindReadable): Pick<Jobs, 'submit' | 'retry' | 'cancel'> {
  const { store, bus, clock } = options
  const enter = createSubmission(options)

  return {
    async submit(principal, task, input, submitOptions = {}) {
      const owner = assertScope(principal, 'jobs:write')
      return enter(owner, { task, input, options: submitOptions, retryOf: null })
    },

    async retry(principal, id, submitOptions = {}) {
      const owner = assertScope(principal, 'jobs:write')
      const retryOf = await findReadable(owner, id)
      if (retryOf === null || !canRetryJob(owner, retryOf)) throw new NotFoundError('job')
      if (!isTerminal(retryOf.state)) {
        throw new Refusal('JOB_NOT_FINISHED', 'The job has not ended yet: it can be done again only after that.')
      }
      const input = await store.read(({ ledger }) => ledger.input(id))
      return enter(owner, { task: retryOf.task, input, options: submitOptions, retryOf })
    },

    async cancel(principal, id) {
      const asker = assertScope(principal, 'jobs:write')
      const found = await findReadable(asker, id)
      if (found === null || !canCancelJob(asker, found)) throw new NotFoundError('job')
      const job = await writeJobs(store, (records) => requestCancel(records, id, clock.now()))
      if (job === null) throw new NotFoundError('job')
      if (job.state === 'RUNNING') announceCancel(bus, id)
      return job
    },
  }
}
