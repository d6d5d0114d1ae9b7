import type { AlertKind } from '../../../core/alerts.ts'
import type { Clock } from '../../../core/clock.ts'
import type { ProcessLoad } from '../../../core/cluster.ts'
import type { HeapSnapshotEstimate } from '../../../core/heap-snapshot.ts'
import type { LoopStatus } from '../../../core/loop.ts'
import type { MemoryStatus } from '../../../core/memory.ts'
import type { SheddingStatus } from '../../../core/shedding.ts'
import type { ProcessStatus } from '../../../core/system-status.ts'
import { boundedProcess, statusBounds } from './bounded-status.ts'

/** Who a process is, and those of its parts that know something of it. None of them may wait for long. */
export interface OwnStatusOptions extends Pick<ProcessStatus, 'number' | 'nodeId' | 'pid' | 'version' | 'nodeVersion'> {
  readonly clock: Clock
  load(): ProcessLoad
  memory(): MemoryStatus | Promise<MemoryStatus>
  loop(): LoopStatus
  /** `null`: it takes no requests. */
  shedding(): SheddingStatus | null
  /** `null`: no heap snapshot is taken. What it fails with means that nobody knows. */
  snapshot(): HeapSnapshotEstimate | null | Promise<HeapSnapshotEstimate | null>
  alerts(): readonly AlertKind[]
}

/** What this process says of itself, to whichever process asks. */
export async function ownStatus(options: OwnStatusOptions): Promise<ProcessStatus> {
  const { number, nodeId, pid, version, nodeVersion, clock } = options
  const estimating = Promise.resolve(options.snapshot()).catch(() => null)
  const [memory, snapshot] = await Promise.all([options.memory(), estimating])
  const status = {
    number,
    nodeId,
    pid,
    version,
    nodeVersion,
    at: clock.now(),
    load: options.load(),
    memory,
    loop: options.loop(),
    shedding: options.shedding(),
    snapshot,
    alerts: options.alerts(),
  }
  return boundedProcess(status, statusBounds)
}
