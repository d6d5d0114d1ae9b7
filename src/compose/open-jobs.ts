import { claimQueue } from '../adapters/local/claim-queue.ts'
import { fileBlobStore } from '../adapters/local/file-blob-store.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import { createRecordedDistribution } from '../core/recorded-distribution.ts'
import type { Bus } from '../ports/bus.ts'
import type { ComputePool } from '../ports/compute-pool.ts'
import type { Logger } from '../ports/logger.ts'
import type { Meter } from '../ports/meter.ts'
import type { OpenCounts } from '../ports/open-counts.ts'
import type { Store } from '../ports/store.ts'
import type { Turns } from '../ports/turns.ts'
import type { Services } from '../resolvers/context.ts'
import { createAttemptCosts } from '../services/jobs/attempt-costs.ts'
import { createArtifactIntake } from '../services/jobs/artifact-intake.ts'
import { createArtifacts } from '../services/jobs/artifacts.ts'
import { createBlobKeeper } from '../services/jobs/blob-keeper.ts'
import { claimJobs } from '../services/jobs/claim-jobs.ts'
import { createJobs } from '../services/jobs/jobs.ts'
import { createPoolStatus } from '../services/jobs/pool-status.ts'
import { observeJobs } from '../services/jobs/observe-jobs.ts'
import { createPurge } from '../services/jobs/purge.ts'
import { createRunner, type Runner } from '../services/jobs/runner.ts'
import { sweepBlobs } from '../services/jobs/sweep-blobs.ts'
import type { TaskCatalogue } from '../services/jobs/task-catalogue.ts'
import { createTaskHomes } from '../services/jobs/task-homes.ts'
import type { Admission } from '../services/operations/shedding/admission.ts'
import type { ThreadWaits } from '../services/operations/shedding/thread-waits.ts'
import { startUpkeep } from '../services/operations/upkeep.ts'
import type { Hub } from '../services/streams/stream.ts'
import { createTopicsTidy } from '../services/streams/tidy-topics.ts'

export interface JobsFoundation {
  readonly store: Store
  readonly bus: Bus
  readonly hub: Hub
  readonly pool: ComputePool
  readonly tasks: TaskCatalogue
  /** Where the bytes of artifacts lie. */
  readonly files: string
  /** The node under which this process runs jobs. */
  readonly nodeId: string
  /** Whether nobody else works on the store and the files. */
  readonly isAlone: boolean
  /** Whether it sweeps up what one process is to sweep up for all. */
  readonly isFirst: boolean
  readonly turns: Turns
  readonly counts: OpenCounts
  readonly clock: Clock
  readonly logger: Logger
  readonly figures: Meter
  readonly admission: Pick<Admission, 'admitJob'>
  readonly threadWaits: Pick<ThreadWaits, 'claimed'>
}

/** What a server has to do with jobs and files. Its runner is not started yet. */
export interface OpenJobs extends AsyncDisposable {
  readonly services: Pick<Services, 'artifacts' | 'jobs' | 'pool' | 'tasks'>
  readonly runner: Runner
}

/** Composes all about jobs. */
export async function openJobs(config: Config, foundation: JobsFoundation): Promise<OpenJobs> {
  const { admission, threadWaits } = foundation
  const { store, bus, hub, pool, tasks, clock, logger, nodeId, isAlone, counts, turns: inTurn } = foundation
  const { artifactMaxBytes: maxBytes, artifactQuotaBytes: quotaBytes, jobsPerUser: maxUnfinished } = config
  await using opened = new AsyncDisposableStack()
  const blobs = await fileBlobStore({ folder: foundation.files, ...(isAlone && { staleMs: 0 }) })
  const keeper = createBlobKeeper({ store, blobs, inTurn })
  if (foundation.isFirst) opened.use(sweepBlobs({ store, blobs, keeper, logger }))
  const intake = createArtifactIntake({ store, blobs, keeper, counts, clock, maxBytes, quotaBytes })

  const queueTimes = createRecordedDistribution()
  const homes = isAlone ? null : createTaskHomes({ store, tasks, nodeId })
  const claim = claimJobs({ store, clock, nodeId, tasks, homes, queueTimes, threadWaits })
  const costs = createAttemptCosts()
  opened.defer(store.onCommitted(observeJobs({ tasks, meter: foundation.figures, logger, costs })))
  const queue = opened.use(await claimQueue({ bus, logger, claim }))
  const runner = opened.use(
    createRunner({ store, queue, pool, bus, blobs, intake, keeper, tasks, clock, logger, nodeId, homes, costs }),
  )
  const purge = createPurge({ store, bus, keeper, clock, logger, keepMs: config.jobsKeepMs })
  const tidy = createTopicsTidy({ store, clock })
  const work = { 'jobs and files that are past keeping': purge, 'events that are past keeping': tidy }
  opened.use(startUpkeep(work, logger))
  const resources = opened.move()

  return {
    services: {
      tasks,
      jobs: createJobs({ store, queue, bus, hub, tasks, clock, maxUnfinished, admission }),
      artifacts: createArtifacts({ store, blobs, intake }),
      pool: createPoolStatus({ pool, store, nodeId, queueTimes }),
    },
    runner,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
