import { createBusRouter } from '../../src/cluster/bus/bus-router.ts'
import type { PeerOptions } from '../../src/cluster/create-peer.ts'
import { createIpcBus, type IpcBusOptions } from '../../src/cluster/ipc-bus.ts'
import type { Bus } from '../../src/ports/bus.ts'
import { type ClusterLine, openClusterLine } from './cluster-lines.ts'
import { type CollectingLogger, collectingLogger } from './collecting-logger.ts'

export interface BusMember extends ClusterLine {
  readonly bus: Bus
  /** What the bus said of its state. */
  readonly changes: readonly boolean[]
}

export interface BusCluster extends AsyncDisposable {
  readonly logger: CollectingLogger
  readonly primary: Bus
  join(options?: PeerOptions & Partial<IpcBusOptions>): BusMember
}

/** A primary's router, and members on it that a test makes. */
export function openBusCluster(): BusCluster {
  const opened = new AsyncDisposableStack()
  const logger = collectingLogger()
  const router = createBusRouter(logger)
  opened.use(router.bus)
  return {
    logger,
    primary: router.bus,
    join(options = {}) {
      const line = opened.use(openClusterLine(options))
      router.join(line.toMember)
      const bus = opened.use(createIpcBus({ peer: line.toPrimary, line: line.line, logger, ...options }))
      const changes: boolean[] = []
      bus.onChange((isLive) => changes.push(isLive))
      return { ...line, bus, changes }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
