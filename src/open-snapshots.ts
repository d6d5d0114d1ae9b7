import { diskSpace } from './adapters/local/disk-space.ts'
import type { DataFolder } from './adapters/local/data-folder.ts'
import { folderHeapSnapshots } from './adapters/local/heap-snapshots.ts'
import type { Config } from './config.ts'
import type { Clock } from './core/clock.ts'
import type { HeapSnapshotEstimate } from './core/heap-snapshot.ts'
import type { Alarms } from './ports/alarms.ts'
import type { ComputePool } from './ports/compute-pool.ts'
import type { HostProcess } from './ports/host-process.ts'
import type { Logger } from './ports/logger.ts'
import type { Members } from './ports/members.ts'
import type { Meter } from './ports/meter.ts'
import type { OpenRateLimiter } from './ports/rate-limiter.ts'
import type { Store } from './ports/store.ts'
import type { Turns } from './ports/turns.ts'
import type { Services } from './resolvers/context.ts'
import { createAudit } from './services/accounts/audit/audit.ts'
import { answerSnapshot } from './services/operations/heap-snapshots/answer-snapshot.ts'
import { createHeapSnapshotService, heapSnapshotLimit } from './services/operations/heap-snapshots/heap-snapshots.ts'
import { type MemoryAlertKind, snapshotOnAlert } from './services/operations/heap-snapshots/snapshot-on-alert.ts'
import { takeSnapshots } from './services/operations/heap-snapshots/take-snapshot.ts'
import type { MemoryWatch } from './services/operations/memory/memory-watch.ts'
import { createRecycling } from './services/operations/recycle.ts'
import { startUpkeep } from './services/operations/upkeep.ts'

export interface SnapshotsFoundation {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly members: Members
  readonly figures: Meter
  readonly turns: Turns
  readonly openLimiter: OpenRateLimiter
  readonly host: HostProcess
  readonly alarms: Pick<Alarms, 'raised'>
  readonly folder: Pick<DataFolder, 'snapshots'>
  readonly memory: Pick<MemoryWatch, 'onRaised' | 'mark'>
  readonly pool: Pick<ComputePool, 'memory' | 'heapSnapshot'>
  /** Whether nobody else uses it. */
  readonly isAlone: boolean
  /** Whether it removes old ones for all. */
  readonly isFirst: boolean
  /** How old the process must be to leave for its memory, in ms; see `createRecycling`. */
  readonly leastUptimeMs?: number | undefined
}

/** An alert about memory. */
interface MemoryAlarm {
  readonly kind: MemoryAlertKind
  /** The thread for tasks whose heap it is about; `null` where it is about no thread's. */
  readonly threadId: number | null
}

/**
 * The heap snapshots of a process, and what it does about too much memory. Disposing of it waits for one that is being taken, but not for
 * that of a thread for tasks.
 */
export interface OpenSnapshots extends AsyncDisposable {
  readonly services: Pick<Services, 'heapSnapshots'>
  /** What one would cost; `null` where none is taken. */
  estimate(): Promise<HeapSnapshotEstimate | null>
}

/**
 * Opens the folder of the snapshots, and answers for this process when one is asked for. From now on one is taken when an alert about memory
 * is raised, and the process leaves, as far as the settings say so.
 */
export async function openSnapshots(
  { operations }: Pick<Config, 'operations'>,
  foundation: SnapshotsFoundation,
): Promise<OpenSnapshots> {
  const { store, clock, logger, members } = foundation
  const folder = foundation.folder.snapshots
  const { snapshots: bounds, memory, diskFreeBytes } = operations
  await using opened = new AsyncDisposableStack()
  const { freeBytes } = diskSpace(folder)
  const snapshots = await folderHeapSnapshots({ ...foundation, folder, member: members.number, freeBytes })
  const closing = new AbortController()
  const { mark } = foundation.memory
  const take = takeSnapshots({ ...foundation, snapshots, bounds, diskFreeBytes, mark, closing: closing.signal })
  const onAlert = snapshotOnAlert({ snapshots, take, clock, logger, pid: process.pid })
  const prune = () => snapshots.prune(bounds.keep, bounds.keepMs)
  if (foundation.isFirst) opened.use(startUpkeep({ 'heap snapshots that are past keeping': prune }, logger))
  opened.use(respondToAlerts(foundation, onAlert, memory.recycle))
  opened.defer(() => closing.abort())
  opened.defer(members.answer('snapshot', answerSnapshot(take, logger)))
  const limiter = foundation.openLimiter('heap snapshots by user', heapSnapshotLimit)
  const heapSnapshots = createHeapSnapshotService({
    store,
    clock,
    audit: createAudit(clock, foundation.figures),
    limiter,
    snapshots,
    members,
  })
  const resources = opened.move()

  return {
    services: { heapSnapshots },
    estimate: async () => (bounds.keep === 0 ? null : snapshots.estimate()),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** Does what is to be done for alerts about memory, one after the other. Disposing of it waits for the one that is being dealt with. */
function respondToAlerts(
  { logger, alarms, memory, ...foundation }: SnapshotsFoundation,
  takeSnapshot: ReturnType<typeof snapshotOnAlert>,
  isToLeave: boolean,
): AsyncDisposable {
  const uptimeMs = () => process.uptime() * 1_000
  const recycling = createRecycling({ ...foundation, logger, raised: () => alarms.raised, uptimeMs })
  let doing = Promise.resolve()

  async function respond({ kind, threadId }: MemoryAlarm): Promise<void> {
    // One that leaves has nothing else to do, and its successor is small again.
    if (recycling.isLeaving) return
    await takeSnapshot(kind, threadId)
    if (isToLeave) recycling.over(kind)
  }

  const stop = memory.onRaised((alarm) => {
    doing = doing.then(() => respond(alarm))
  })
  return {
    async [Symbol.asyncDispose]() {
      stop()
      recycling[Symbol.dispose]()
      await doing
    },
  }
}
