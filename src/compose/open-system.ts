import packageJson from '../../package.json' with { type: 'json' }
import { createLoopProbe } from '../adapters/local/loop-probe.ts'
import type { Clock } from '../core/clock.ts'
import type { LoopStatus } from '../core/loop.ts'
import type { Readings } from '../core/metrics.ts'
import type { Alarms } from '../ports/alarms.ts'
import type { ClusterView } from '../ports/cluster-view.ts'
import type { Logger } from '../ports/logger.ts'
import type { LoopProbe } from '../ports/loop-probe.ts'
import type { Members } from '../ports/members.ts'
import type { MemoryProbe } from '../ports/memory-probe.ts'
import type { Figures } from '../ports/meter.ts'
import type { Store } from '../ports/store.ts'
import type { Services } from '../resolvers/context.ts'
import type { LoopHolds } from '../services/operations/loop-holds.ts'
import { ownStatus, type OwnStatusOptions } from '../services/operations/system/own-status.ts'
import { createSystemMonitor } from '../services/operations/system/system-monitor.ts'
import type { Hub } from '../services/streams/stream.ts'

export interface LoopFoundation {
  readonly memoryProbe: Pick<MemoryProbe, 'onCollection'>
  readonly holds: LoopHolds
  readonly figures: Pick<Figures, 'observe' | 'addSource'>
}

/** What the process knows of its event loop. */
export interface OpenLoop extends Disposable {
  readonly loop: () => LoopStatus
}

/** Watches the event loop of this process: what holds it goes to `holds`, what is counted to the figures. */
export function openLoop({ memoryProbe, holds, figures }: LoopFoundation): OpenLoop {
  const probe = createLoopProbe({
    memory: memoryProbe,
    onCollection({ kind, ms }) {
      figures.observe('nodejs_gc_duration_seconds', { kind }, ms / 1_000)
      holds.note('garbage collection', ms, null)
    },
    onStall: holds.stoodStill,
  })
  const stopReading = figures.addSource(() => readResources(probe))
  return {
    loop: () => ({ ...probe.read(), holds: holds.read() }),
    [Symbol.dispose]() {
      stopReading()
      probe[Symbol.dispose]()
    },
  }
}

function readResources(probe: LoopProbe): Readings {
  const { resources } = probe.read()
  return { nodejs_active_resources: resources.map(({ type, count }) => ({ labels: { type }, value: count })) }
}

/** Who this process is. */
export function identify({ number, nodeId }: Pick<OwnStatusOptions, 'number' | 'nodeId'>) {
  return { number, nodeId, pid: process.pid, version: packageJson.version, nodeVersion: process.version }
}

export interface SystemFoundation extends LoopFoundation {
  readonly store: Store
  readonly hub: Hub
  readonly clock: Clock
  readonly logger: Logger
  readonly members: Members
  readonly nodeId: string
  /** `null` where there is no supervisor. */
  readonly cluster: ClusterView | null
  readonly alarms: Pick<Alarms, 'raised'>
}

/** Those of its parts that know something of this process. */
export interface SystemParts extends Pick<OwnStatusOptions, 'load'> {
  readonly memory: { readonly status: OwnStatusOptions['memory'] }
  readonly admission: { readonly status: OwnStatusOptions['shedding'] }
  readonly snapshots: { readonly estimate: OwnStatusOptions['snapshot'] }
}

export interface OpenSystem extends AsyncDisposable {
  readonly services: Pick<Services, 'system'>
}

/** Watches the event loop, has this process tell the others how it is, and administrators how all of them are. */
export function openSystem({ cluster, alarms, ...foundation }: SystemFoundation, parts: SystemParts): OpenSystem {
  const { members, nodeId, clock } = foundation
  const resources = new AsyncDisposableStack()
  const { loop } = resources.use(openLoop(foundation))
  const own: OwnStatusOptions = {
    ...identify({ number: members.number, nodeId }),
    clock,
    loop,
    load: parts.load,
    memory: () => parts.memory.status(),
    shedding: () => parts.admission.status(),
    snapshot: () => parts.snapshots.estimate(),
    alerts: () => alarms.raised,
  }
  resources.defer(members.answer('status', () => ownStatus(own)))
  const system = resources.use(createSystemMonitor({ ...foundation, isSupervised: cluster !== null }))
  return { services: { system }, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
