import { join } from 'node:path'
import { claimQueue } from '../../src/adapters/local/claim-queue.ts'
import { fileBlobStore } from '../../src/adapters/local/file-blob-store.ts'
import { localBus } from '../../src/adapters/local/local-bus.ts'
import { localOpenCounts } from '../../src/adapters/local/local-open-counts.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { type Clock, systemClock } from '../../src/core/clock.ts'
import { newId } from '../../src/core/ids.ts'
import type { Job, JobAttempt } from '../../src/core/job.ts'
import type { BlobStore } from '../../src/ports/blob-store.ts'
import type { Bus } from '../../src/ports/bus.ts'
import type { ComputePool, TaskDescription } from '../../src/ports/compute-pool.ts'
import type { JobQueue } from '../../src/ports/job-queue.ts'
import type { Store } from '../../src/ports/store.ts'
import { type ArtifactIntake, createArtifactIntake } from '../../src/services/jobs/artifact-intake.ts'
import { type Artifacts, createArtifacts } from '../../src/services/jobs/artifacts.ts'
import { createTurns } from '../../src/core/turns.ts'
import { type BlobKeeper, createBlobKeeper } from '../../src/services/jobs/blob-keeper.ts'
import { createBlobClearer } from '../../src/services/jobs/clear-blobs.ts'
import { claimJobs } from '../../src/services/jobs/claim-jobs.ts'
import { jobTopic, readJobEvent } from '../../src/services/jobs/job-log.ts'
import { createJobs, type Jobs } from '../../src/services/jobs/jobs.ts'
import type { SubmissionOptions } from '../../src/services/jobs/submit-job.ts'
import { createPurge } from '../../src/services/jobs/purge.ts'
import { createRunner, type Runner, type RunnerOptions } from '../../src/services/jobs/runner.ts'
import { sweep } from '../../src/services/jobs/sweep.ts'
import { createTaskCatalogue, type TaskCatalogue } from '../../src/services/jobs/task-catalogue.ts'
import { createTaskHomes } from '../../src/services/jobs/task-homes.ts'
import { createHub } from '../../src/services/streams/hub.ts'
import { publishCommitted } from '../../src/services/streams/live-events.ts'
import { collectingLogger, type CollectingLogger } from './collecting-logger.ts'
import { describeTask } from './fake-pool.ts'
import { makeTestFolder, openTestStore } from './open-test-store.ts'

export interface TestMillOptions {
  readonly clock?: Clock
  readonly tasks?: readonly TaskDescription[]
  readonly maxUnfinished?: number
  readonly quotaBytes?: number
  /** By default nobody is refused for load. */
  readonly admission?: SubmissionOptions['admission']
}

export interface NodeOptions extends Partial<
  Pick<RunnerOptions, 'times' | 'sweepMs' | 'tasks' | 'store' | 'bus' | 'random' | 'keeper' | 'intake' | 'monotonicMs'>
> {
  /** Whether it is alone on the store. By default there may be others. */
  readonly exclusive?: boolean
  /** How often the queue looks by itself, in ms. An hour by default, so that a test sees what is announced and what is not. */
  readonly pollMs?: number
}

/** Everything of the services about jobs over a real store, with threads that the test scripts. */
export interface TestMill extends AsyncDisposable {
  readonly store: Store
  readonly path: string
  readonly bus: Bus
  readonly blobs: BlobStore
  readonly keeper: BlobKeeper
  readonly tasks: TaskCatalogue
  readonly jobs: Jobs
  readonly artifacts: Artifacts
  readonly intake: ArtifactIntake
  readonly queue: JobQueue
  readonly logger: CollectingLogger
  readonly clock: Clock
  /** The jobs as a server with other tasks has them. */
  jobsWith(tasks: readonly TaskDescription[]): Jobs
  /** What every node does each second. Answers how many jobs are QUEUED by it. */
  sweep(): Promise<number>
  /** What every server does each minute, where jobs are kept for so many ms. */
  purge(keepMs: number): Promise<void>
  /** Another store on the same file, as another process has one. */
  openStore(): Promise<BreakableStore>
  /** A node that runs jobs; not yet started. */
  addNode(pool: ComputePool, options?: NodeOptions): Promise<Runner & { readonly nodeId: string }>
  job(id: string): Promise<Job>
  attempts(id: string): Promise<readonly JobAttempt[]>
  /** What the job's topic says, in short: the type, and the state or what else is told. */
  story(id: string): Promise<readonly string[]>
}

/** A store whose writes fail for as long as the test says so, as they do when the disk is full. */
export interface BreakableStore extends Store {
  fails: boolean
  /** How many writes have failed. */
  readonly failures: number
}

export async function openTestMill(options: TestMillOptions = {}): Promise<TestMill> {
  const { clock = systemClock } = options
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await makeTestFolder())
  const store = opened.use(await openTestStore())
  const logger = collectingLogger()
  const bus = opened.use(localBus(logger))
  store.onCommitted(publishCommitted(bus))
  const hub = opened.use(createHub({ store, bus, logger }))
  const tasks = createTaskCatalogue(options.tasks ?? [describeTask('double')])
  const blobs = await fileBlobStore({ folder: join(folder.path, 'files') })
  const queue = opened.use(await claimQueue({ bus, logger, claim: async () => [] }))
  const { maxUnfinished = 1000, admission } = options
  const load = admission === undefined ? {} : { admission }
  const jobsOf = (of: TaskCatalogue) => createJobs({ store, queue, bus, hub, tasks: of, clock, maxUnfinished, ...load })
  const keeper = createBlobKeeper({ store, blobs, inTurn: createTurns() })
  const { quotaBytes = 100_000 } = options
  const counts = localOpenCounts()
  const intake = createArtifactIntake({ store, blobs, keeper, counts, clock, maxBytes: 1000, quotaBytes })
  const artifacts = createArtifacts({ store, blobs, intake })
  const resources = opened.move()

  async function job(id: string): Promise<Job> {
    const found = await store.read(({ ledger }) => ledger.find(id))
    if (found === null) throw new Error(`There is no job ${id}.`)
    return found
  }

  return {
    store,
    path: store.path,
    bus,
    blobs,
    keeper,
    tasks,
    jobs: jobsOf(tasks),
    artifacts,
    intake,
    queue,
    logger,
    clock,
    jobsWith: (descriptions) => jobsOf(createTaskCatalogue(descriptions)),
    async sweep() {
      await using clearer = createBlobClearer({ keeper, logger })
      return await sweep({ store, clock, nodeId: newId('node'), clearer, isSteady: () => true })
    },
    purge: (keepMs) => createPurge({ store, bus, keeper, clock, logger, keepMs })(),
    async openStore() {
      return resources.use(breakable(await sqliteStore({ path: store.path })))
    },
    async addNode(pool, { pollMs = 3_600_000, exclusive = false, ...node } = {}) {
      const nodeId = newId('node')
      const own = { store, bus, tasks, blobs, intake, keeper, clock, logger, ...node }
      const parts = { ...own, homes: exclusive ? null : createTaskHomes({ ...own, nodeId }) }
      const claim = claimJobs({ ...parts, nodeId })
      const nodeQueue = resources.use(await claimQueue({ ...parts, claim, pollMs }))
      const runner = resources.use(createRunner({ ...parts, pool, queue: nodeQueue, nodeId }))
      return { ...runner, nodeId }
    },
    job,
    attempts: (id) => store.read(({ ledger }) => ledger.attempts(id)),
    async story(id) {
      const events = await store.read(({ log }) => log.read(jobTopic(id), 0, 10_000))
      return events.map(({ body, last }) => tell(readJobEvent(body)) + (last ? '.' : ''))
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function breakable(store: Store): BreakableStore {
  let failures = 0
  const broken: BreakableStore = {
    ...store,
    fails: false,
    get failures() {
      return failures
    },
    write: (work) => {
      if (!broken.fails) return store.write(work)
      failures += 1
      return Promise.reject(new Error('The disk is full.'))
    },
  }
  return broken
}

function tell(event: ReturnType<typeof readJobEvent>): string {
  switch (event.type) {
    case 'JobStateChanged':
      return event.job.state + (event.job.state === 'RUNNING' && event.job.cancelRequestedAt !== null ? ' stop' : '')
    case 'JobProgressed':
      return `${event.progress.fraction * 100} %`
    case 'JobPartial':
      return `partial ${JSON.stringify(event.data)}`
    case 'JobLogged':
      return `${event.level}: ${event.text}`
    case 'JobSnapshot':
      return 'snapshot'
  }
}
