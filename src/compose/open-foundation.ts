import { bootId } from '../adapters/local/boot-id.ts'
import { diskSpace } from '../adapters/local/disk-space.ts'
import { openMemoryProbe } from '../adapters/local/memory-probe.ts'
import { createFigures } from '../adapters/metrics/create-figures.ts'
import type { Config } from '../config.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { openWatchedStore } from './open-admission.ts'
import { openAlerts } from './open-alerts.ts'
import { openRecords } from './open-records.ts'
import type { Logger } from '../ports/logger.ts'
import { createSchema } from '../schema/index.ts'
import { createOwnAddress } from '../server/http/own-address.ts'
import { createQueueDepth } from '../services/jobs/queue-depth.ts'
import { createTaskCatalogue } from '../services/jobs/task-catalogue.ts'
import { noteStart } from '../services/operations/clean-stop.ts'
import { createLoopHolds } from '../services/operations/loop-holds.ts'
import { createThreadWaits } from '../services/operations/shedding/thread-waits.ts'
import { createHub } from '../services/streams/hub.ts'
import { publishCommitted } from '../services/streams/live-events.ts'
import { alone, type Place } from './surroundings.ts'
import { openPool } from '../workers/pool.ts'
import { listTaskFiles } from '../workers/task-files.ts'
import { createThreadSettings } from '../workers/thread-settings.ts'

export interface FoundationOptions {
  readonly logger: Logger
  readonly clock?: Clock
  /** By default the server is alone. */
  readonly place?: Place
}

/** What all parts of a server stand on. */
export type Foundation = Awaited<ReturnType<typeof openFoundation>>

/**
 * Opens the record, the line to other processes, the threads and the hub, until `opened` is disposed of. Throws a `DataFolderError`, a
 * `StoreError`, a `RedisError` or a `TaskFileError`.
 */
export async function openFoundation(config: Config, options: FoundationOptions, opened: AsyncDisposableStack) {
  const { logger, clock = systemClock, place = alone(config) } = options
  const { isAlone, isFirst } = place
  const holds = createLoopHolds(clock)
  const onHeld = (ms: number) => holds.note('store', ms, null)
  const { store: record, folder, secret } = await openRecords(config, opened, { exclusive: isAlone, onHeld })
  // What still answers while all else is closed.
  const closedLast = opened.use(new AsyncDisposableStack())
  const surroundings = opened.use(await place.surround({ store: record, folder, secret, logger }))
  const { bus, members } = surroundings
  const figures = createFigures({ number: members.number, logger })
  opened.defer(members.answer('metrics', () => figures.collect()))
  const { store, storeLatency } = openWatchedStore(record, figures)
  opened.defer(store.onCommitted(publishCommitted(bus)))
  if (isAlone && (await noteStart(store, await bootId())))
    logger.warn({}, 'The machine stopped uncleanly: cursors given out before are answered with a gap.')

  const address = createOwnAddress(config.publicUrl, config.port)
  const { publicUrl } = address
  const alerts = opened.use(openAlerts(config, { ...surroundings, store, clock, logger, figures, publicUrl }))
  const filesFolder = isAlone ? folder.scratch : folder.scratchOf(surroundings.nodeId)
  const mill = await openMill(config, opened, { filesFolder, logger })
  return {
    ...surroundings,
    ...mill,
    address,
    alarms: alerts.alarms,
    alerts,
    clock,
    closedLast,
    disk: diskSpace(folder.path),
    figures,
    folder,
    holds,
    hub: opened.use(createHub({ store, bus, logger, clock })),
    isAlone,
    isFirst,
    logger,
    memoryProbe: opened.use(openMemoryProbe(clock)),
    queueDepth: createQueueDepth({ store, clock }),
    secret,
    store,
    storeLatency,
    threadWaits: createThreadWaits({ clock, now: () => performance.now() }),
  }
}

/** Opens the threads, has them load the task files, and makes the schema of what they tell. */
async function openMill(
  config: Config,
  opened: AsyncDisposableStack,
  { filesFolder, logger }: { readonly filesFolder: string; readonly logger: Logger },
) {
  const taskFiles = await listTaskFiles(config.taskFolders)
  const { computeThreads: threads, computeHeapMb: heapMb, artifactMaxBytes: maxFileBytes } = config
  const threadSettings = createThreadSettings()
  const pool = opened.use(
    openPool({ threads, heapMb, taskFiles, filesFolder, maxFileBytes, logger, settings: threadSettings }),
  )
  const descriptions = await pool.describe()
  const { schema, warnings } = createSchema(descriptions)
  for (const warning of warnings) logger.warn({}, warning)
  return { pool, threadSettings, schema, tasks: createTaskCatalogue(descriptions) }
}
