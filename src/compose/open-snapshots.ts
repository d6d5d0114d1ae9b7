import type { DiskSpace } from '../adapters/local/disk-space.ts'
import type { DataFolder } from '../adapters/local/data-folder.ts'
import { folderHeapSnapshots } from '../adapters/local/heap-snapshots.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import type { HeapSnapshotEstimate } from '../core/heap-snapshot.ts'
import type { ComputePool } from '../ports/compute-pool.ts'
import type { HostProcess } from '../ports/host-process.ts'
import type { Logger } from '../ports/logger.ts'
import type { Members } from '../ports/members.ts'
import type { Meter } from '../ports/meter.ts'
import type { OpenRateLimiter } from '../ports/rate-limiter.ts'
import type { Store } from '../ports/store.ts'
import type { Turns } from '../ports/turns.ts'
import type { Services } from '../resolvers/context.ts'
import { createAudit } from '../services/accounts/audit/audit.ts'
import { answerSnapshot } from '../services/operations/heap-snapshots/answer-snapshot.ts'
import { createHeapSnapshotService, heapSnapshotLimit } from '../services/operations/heap-snapshots/heap-snapshots.ts'
import { snapshotOnSign } from '../services/operations/heap-snapshots/snapshot-on-sign.ts'
import { takeSnapshots } from '../services/operations/heap-snapshots/take-snapshot.ts'
import type { MemoryWatch } from '../services/operations/memory/memory-watch.ts'
import { createRecycling } from '../services/operations/recycle.ts'
import { respondToSigns } from '../services/operations/respond-to-signs.ts'
import { startUpkeep } from '../services/operations/upkeep.ts'

export interface SnapshotsFoundation {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly members: Members
  readonly figures: Meter
  readonly turns: Turns
  readonly openLimiter: OpenRateLimiter
  readonly host: HostProcess
  readonly folder: Pick<DataFolder, 'snapshots'>
  readonly disk: DiskSpace
  readonly memory: Pick<MemoryWatch, 'onSign' | 'mark'>
  readonly pool: Pick<ComputePool, 'memory' | 'heapSnapshot'>
  /** Whether nobody else uses it. */
  readonly isAlone: boolean
  /** Whether it removes old ones for all. */
  readonly isFirst: boolean
  /** How old the process must be to leave for its memory, in ms; see `createRecycling`. */
  readonly leastUptimeMs?: number | undefined
  /** For how long nobody may be answered for a snapshot that nobody asked for, in ms: 10 seconds alone, a minute among others. */
  readonly unaskedPauseMs?: number | undefined
}

/** While one of several is away, the others serve. */
const pauseAloneMs = 10_000
const pauseAmongOthersMs = 60_000

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
 * Opens the folder of the snapshots, and answers for this process when one is asked for. From now on one is taken when memory gives cause
 * to, and the process leaves, as far as the settings say so.
 */
export async function openSnapshots(
  { operations }: Pick<Config, 'operations'>,
  foundation: SnapshotsFoundation,
): Promise<OpenSnapshots> {
  const { store, clock, logger, members } = foundation
  const folder = foundation.folder.snapshots
  const { snapshots: bounds, memory, diskFreeBytes } = operations
  await using opened = new AsyncDisposableStack()
  const { freeBytes } = foundation.disk
  const snapshots = await folderHeapSnapshots({ ...foundation, folder, member: members.number, freeBytes })
  const closing = new AbortController()
  const { mark } = foundation.memory
  const take = takeSnapshots({ ...foundation, snapshots, bounds, diskFreeBytes, mark, closing: closing.signal })
  const { unaskedPauseMs: maxPauseMs = foundation.isAlone ? pauseAloneMs : pauseAmongOthersMs } = foundation
  const onSign = snapshotOnSign({ snapshots, take, clock, logger, pid: process.pid, maxPauseMs })
  const prune = () => snapshots.prune(bounds.keep, bounds.keepMs)
  if (foundation.isFirst) opened.use(startUpkeep({ 'heap snapshots that are past keeping': prune }, logger))
  const recycling = memory.recycle ? createRecycling({ ...foundation, uptimeMs: () => process.uptime() * 1_000 }) : null
  const responder = opened.use(respondToSigns({ takeSnapshot: bounds.keep > 0 ? onSign : null, recycling }))
  opened.defer(foundation.memory.onSign(responder.hear))
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
