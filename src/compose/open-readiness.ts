import type { Config } from '../config.ts'
import type { BusStatus } from '../core/cluster.ts'
import type { Bus } from '../ports/bus.ts'
import type { ComputePool } from '../ports/compute-pool.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import { healthChecks, type HealthSources } from '../services/operations/health-checks.ts'
import { createReadiness, type Readiness } from '../services/operations/readiness.ts'

export interface ReadinessFoundation {
  readonly store: Store
  readonly disk: HealthSources['disk']
  readonly storeLatency: HealthSources['storeLatency']
  readonly bus: Bus
  readonly busKind: BusStatus['kind']
  readonly pool: Pick<ComputePool, 'statistics'>
  readonly logger: Logger
  readonly shedding: HealthSources['shedding']
}

/** How long each check may take, in ms. */
const checkMs = 2_000

/** What tells whether this process is fit to serve. */
export function openReadiness(
  { operations }: Pick<Config, 'operations'>,
  { store, disk, storeLatency, bus, busKind, pool, logger, shedding }: ReadinessFoundation,
): Readiness {
  const checks = healthChecks({
    store,
    storeLatency,
    redis: busKind === 'redis' ? bus : null,
    pool: () => pool.statistics(),
    disk,
    diskFreeBytes: operations.diskFreeBytes,
    shedding,
  })
  return createReadiness({ checks, deadlineMs: checkMs, logger })
}
