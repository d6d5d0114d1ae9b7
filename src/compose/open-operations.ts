import { createLoadMeter, type LoadSources } from '../adapters/local/process-load.ts'
import type { BusStatus, ProcessLoad } from '../core/cluster.ts'
import type { Clock } from '../core/clock.ts'
import type { RuntimeSettings } from '../core/runtime-settings.ts'
import type { Bus } from '../ports/bus.ts'
import type { ClusterView } from '../ports/cluster-view.ts'
import type { ComputePool } from '../ports/compute-pool.ts'
import type { LevelSwitch, Logger } from '../ports/logger.ts'
import type { Meter } from '../ports/meter.ts'
import type { OpenRateLimiter } from '../ports/rate-limiter.ts'
import type { Store } from '../ports/store.ts'
import type { Services } from '../resolvers/context.ts'
import { createAudit } from '../services/accounts/audit/audit.ts'
import { watchBus } from '../services/operations/bus-status.ts'
import { createClusterMonitor } from '../services/operations/cluster-monitor.ts'
import { type FollowedSettings, followRuntimeSettings } from '../services/operations/follow-runtime-settings.ts'
import { logSettings } from '../services/operations/log-settings.ts'
import { ownView } from '../services/operations/own-view.ts'
import { createRuntimeSettings, runtimeSettingsLimit } from '../services/operations/runtime-settings.ts'
import type { Hub } from '../services/streams/stream.ts'
import type { ThreadSettings } from '../workers/thread-settings.ts'

export interface OperationsFoundation {
  readonly store: Store
  readonly bus: Bus
  readonly busKind: BusStatus['kind']
  readonly hub: Hub
  readonly clock: Clock
  readonly logger: Logger
  readonly figures: Meter
  readonly openLimiter: OpenRateLimiter
  /** `null` where there is no supervisor. */
  readonly cluster: ClusterView | null
  readonly nodeId: string
  readonly pool: Pick<ComputePool, 'statistics'>
  /** What the pool's threads were given. */
  readonly threadSettings: ThreadSettings
  /** What is open at the door; asked when the load is. */
  readonly open: LoadSources['open']
}

/** What a server tells of itself, and what administrators set while it runs. */
export interface OpenOperations extends AsyncDisposable {
  readonly services: Pick<Services, 'cluster' | 'runtimeSettings'>
  readonly load: () => ProcessLoad
}

/** Composes all about the process itself; the runtime settings hold when it resolves. */
export async function openOperations(foundation: OperationsFoundation): Promise<OpenOperations> {
  const { store, bus, hub, clock, logger, openLimiter, nodeId, pool } = foundation
  await using opened = new AsyncDisposableStack()
  const { status } = opened.use(watchBus(bus, foundation.busKind, clock))
  const sources = { pool: () => pool.statistics(), open: foundation.open, bus: status }
  const { read: load } = opened.use(createLoadMeter(sources))
  const followed = opened.use(await applyRuntimeSettings({ ...foundation, threads: foundation.threadSettings }))
  const view = foundation.cluster ?? ownView({ nodeId, pid: process.pid, clock, load })
  const cluster = opened.use(createClusterMonitor({ store, hub, clock, logger, view }))
  const limiter = openLimiter('runtime settings by user', runtimeSettingsLimit)
  const audit = createAudit(clock, foundation.figures)
  const runtimeSettings = createRuntimeSettings({ store, bus, clock, audit, limiter, followed })
  const resources = opened.move()
  return {
    services: { cluster, runtimeSettings },
    load,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export interface ApplyingOptions {
  readonly store: Pick<Store, 'read'>
  readonly bus: Bus
  /** Its level is changed where that can be done. */
  readonly logger: Logger & Partial<LevelSwitch>
  /** Those of the pool; a process without threads has none. */
  readonly threads?: ThreadSettings
}

/** Has a process live by the runtime settings until the result is disposed of. Every process does, the supervisor too. */
export function applyRuntimeSettings({ store, bus, logger, threads }: ApplyingOptions): Promise<FollowedSettings> {
  const toLog = logSettings(logger)
  const apply = (settings: RuntimeSettings) => {
    toLog(settings)
    threads?.set(settings)
  }
  return followRuntimeSettings({ store, bus, logger, apply })
}
