import { localBus } from './adapters/local/local-bus.ts'
import { localOpenCounts } from './adapters/local/local-open-counts.ts'
import { memoryRateLimiter } from './adapters/local/memory-rate-limiter.ts'
import type { BusStatus } from './core/cluster.ts'
import { newId } from './core/ids.ts'
import { createTurns } from './core/turns.ts'
import type { Bus } from './ports/bus.ts'
import type { ClusterView } from './ports/cluster-view.ts'
import type { Logger } from './ports/logger.ts'
import type { OpenCounts } from './ports/open-counts.ts'
import type { OpenRateLimiter } from './ports/rate-limiter.ts'
import type { Store } from './ports/store.ts'
import type { Turns } from './ports/turns.ts'

/** What a server has around it: the other processes that work on its store, or their absence. Closed with the server. */
export interface Surroundings extends AsyncDisposable {
  /** The node under which this process runs jobs. */
  readonly nodeId: string
  readonly bus: Bus
  readonly busKind: BusStatus['kind']
  readonly openLimiter: OpenRateLimiter
  readonly counts: OpenCounts
  readonly turns: Turns
  /** `null` where there is no supervisor: the server itself is all there is to tell of. */
  readonly cluster: ClusterView | null
}

/** What surroundings are made for. */
export interface SurroundingsParts {
  readonly store: Store
  readonly logger: Logger
}

/** Where a server is to live. */
export interface Place {
  /** Whether it is the only process that uses the data folder: it locks it, and what others left there is litter. */
  readonly isAlone: boolean
  /** Once the store is open. */
  surround(parts: SurroundingsParts): Promise<Surroundings>
}

/** The place of a server that is alone on its data folder. */
export const alone: Place = { isAlone: true, surround: surroundAlone }

async function surroundAlone({ logger }: SurroundingsParts): Promise<Surroundings> {
  const bus = localBus(logger)
  return {
    nodeId: newId('node'),
    bus,
    busKind: 'local',
    openLimiter: (_name, limit) => memoryRateLimiter(limit),
    counts: localOpenCounts(),
    turns: createTurns(),
    cluster: null,
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
