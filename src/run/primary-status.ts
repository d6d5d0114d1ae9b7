import { openMemoryProbe } from '../adapters/local/memory-probe.ts'
import { createLoadMeter } from '../adapters/local/process-load.ts'
import type { Config } from '../config.ts'
import type { BusStatus } from '../core/cluster.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import type { ProcessStatus } from '../core/system-status.ts'
import { openMemory } from '../compose/open-memory.ts'
import { identify, openLoop } from '../compose/open-system.ts'
import type { Alarms } from '../ports/alarms.ts'
import type { Bus } from '../ports/bus.ts'
import type { Logger } from '../ports/logger.ts'
import type { Figures } from '../ports/meter.ts'
import { watchBus } from '../services/operations/bus-status.ts'
import { createLoopHolds } from '../services/operations/loop-holds.ts'
import { ownStatus } from '../services/operations/system/own-status.ts'

export interface PrimaryStatusFoundation {
  readonly figures: Pick<Figures, 'observe' | 'addSource'>
  readonly alarms: Alarms
  readonly bus: Pick<Bus, 'isLive' | 'onChange'>
  readonly busKind: BusStatus['kind']
  readonly logger: Logger
  readonly clock?: Clock
}

/** What a primary, which takes no requests and has no threads, says of itself. */
export interface PrimaryStatus extends AsyncDisposable {
  readonly read: () => Promise<ProcessStatus>
}

/** Watches the process that it runs in, its memory too, until it is disposed of. */
export function openPrimaryStatus(
  { operations }: Pick<Config, 'operations'>,
  { clock = systemClock, bus, busKind, ...given }: PrimaryStatusFoundation,
): PrimaryStatus {
  const resources = new AsyncDisposableStack()
  const memoryProbe = resources.use(openMemoryProbe(clock))
  const foundation = { ...given, clock, memoryProbe, holds: createLoopHolds(clock), pool: noThreads }
  const { loop } = resources.use(openLoop(foundation))
  const { status: memory } = resources.use(openMemory(operations, foundation))
  const { status } = resources.use(watchBus(bus, busKind, clock))
  const { read: load } = resources.use(createLoadMeter({ pool: noThreads.statistics, open: nothing, bus: status }))
  const who = identify({ number: 0, nodeId: null })
  const parts = { load, memory, loop, shedding: () => null, snapshot: () => null, alerts: () => given.alarms.raised }
  return {
    read: () => ownStatus({ ...who, ...parts, clock }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const noThreads = {
  statistics: () => ({ threads: 0, busy: 0, zombies: 0, waiting: 0 }),
  memory: async () => [],
  collect: async () => null,
}

/** What is open at its doors. */
const nothing = () => ({ connections: 0, streams: 0 })
