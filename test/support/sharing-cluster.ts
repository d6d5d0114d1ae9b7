import { localOpenCounts } from '../../src/adapters/local/local-open-counts.ts'
import { memoryRateLimiter } from '../../src/adapters/local/memory-rate-limiter.ts'
import { createCountDesk } from '../../src/cluster/shared/count-desk.ts'
import { createIpcCounts } from '../../src/cluster/shared/ipc-counts.ts'
import { createIpcLimiters } from '../../src/cluster/shared/ipc-limiters.ts'
import { createIpcTurns, type IpcTurnsOptions } from '../../src/cluster/shared/ipc-turns.ts'
import { createLimitDesk } from '../../src/cluster/shared/limit-desk.ts'
import { createTurnDesk } from '../../src/cluster/shared/turn-desk.ts'
import type { OpenCounts } from '../../src/ports/open-counts.ts'
import type { OpenRateLimiter } from '../../src/ports/rate-limiter.ts'
import type { Turns } from '../../src/ports/turns.ts'
import { type ClusterLine, openClusterLine } from './cluster-lines.ts'
import { type CollectingLogger, collectingLogger } from './collecting-logger.ts'

export interface SharingMember extends ClusterLine {
  readonly openLimiter: OpenRateLimiter
  readonly counts: OpenCounts
  readonly turns: Turns
}

export interface SharingOptions extends Omit<IpcTurnsOptions, 'peer'> {
  /** Within which the primary must answer about limits and counts, ms. */
  readonly deadlineMs?: number
  readonly maxUnsentBytes?: number
}

export interface SharingCluster extends AsyncDisposable {
  readonly logger: CollectingLogger
  join(options?: SharingOptions): SharingMember
}

/** A primary that keeps what members share, and members of it that a test makes. */
export function openSharingCluster(): SharingCluster {
  const opened = new AsyncDisposableStack()
  const logger = collectingLogger()
  const openHere: OpenRateLimiter = (_name, limit) => memoryRateLimiter(limit)
  const desks = [createLimitDesk(openHere), createCountDesk(localOpenCounts()), createTurnDesk()]
  return {
    logger,
    join({ deadlineMs = 1_000, maxUnsentBytes = 1024 * 1024, ...waiting } = {}) {
      const line = opened.use(openClusterLine({ maxUnsentBytes }))
      for (const desk of desks) desk.join(line.toMember)
      const asking = { peer: line.toPrimary, line: line.line, logger, deadlineMs }
      return {
        ...line,
        openLimiter: createIpcLimiters({ ...asking, openHere }),
        counts: createIpcCounts({ ...asking, here: localOpenCounts() }),
        turns: createIpcTurns({ peer: line.toPrimary, ...waiting }),
      }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
