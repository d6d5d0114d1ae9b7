import type { Config } from '../config.ts'
import type { LoadSources } from '../adapters/local/process-load.ts'
import type { GivenPressure } from './open-admission.ts'
import { watchForAlerts } from './open-alerts.ts'
import { openFigures } from './open-figures.ts'
import type { Foundation } from './open-foundation.ts'
import { openMemory } from './open-memory.ts'
import { openOperations } from './open-operations.ts'
import { openReadiness } from './open-readiness.ts'
import { openSnapshots } from './open-snapshots.ts'
import { openSystem } from './open-system.ts'
import type { HostProcess } from '../ports/host-process.ts'
import { openObservation, type OpenObservation } from '../server/open-observation.ts'
import type { Admission } from '../services/operations/shedding/admission.ts'
import type { MemoryPace } from '../services/operations/memory/memory-pace.ts'

/** What tests and measurements decide on. */
export interface WatchOptions {
  /** How fast memory is judged. */
  readonly memoryPace?: MemoryPace
  /** How old a process must be to leave for its memory, in ms; by default five minutes. */
  readonly leastUptimeMs?: number
  /** How long the pause for a heap snapshot may be that nobody asked for, in ms; by default as `openSnapshots` says. */
  readonly unaskedPauseMs?: number
  /** By default the pressure is what is measured. */
  readonly pressure?: GivenPressure
  /** What is seen of operations in place of all. */
  readonly wrapObservation?: (all: OpenObservation) => OpenObservation
}

export interface WatchParts {
  readonly admission: Admission
  readonly host: HostProcess
  /** What is open at the door; asked when the load is. */
  readonly open: LoadSources['open']
}

/**
 * All by which a server watches itself, tells what it sees, and refuses what it cannot carry, until `opened` is disposed of. The runtime
 * settings hold when it resolves.
 */
export async function openWatch(
  config: Config,
  foundation: Foundation & WatchParts,
  options: WatchOptions,
  opened: AsyncDisposableStack,
) {
  const { operationMs } = config.operations
  const { leastUptimeMs, unaskedPauseMs, wrapObservation = (all) => all } = options
  const { admission } = foundation
  const operations = opened.use(await openOperations(foundation))
  const { load } = operations
  const memory = opened.use(openMemory(config.operations, foundation, options.memoryPace))
  const snapshots = opened.use(await openSnapshots(config, { ...foundation, leastUptimeMs, unaskedPauseMs, memory }))
  const system = opened.use(openSystem(foundation, { load, memory, admission, snapshots }))
  const alerts = opened.use(watchForAlerts(config, { ...foundation, load }))
  const figures = opened.use(openFigures({ ...foundation, ...operations.services, load }))
  return {
    services: { ...operations.services, ...alerts.services, ...system.services, ...snapshots.services },
    admission,
    load,
    memory,
    collectMetrics: figures.collect,
    observation: wrapObservation(opened.use(openObservation({ ...foundation, operationMs }))),
    readiness: opened.use(openReadiness(config, { ...foundation, shedding: admission.status })),
  }
}
