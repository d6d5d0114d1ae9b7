import type { Builder } from '../builder.ts'
import type { LogLevelRef } from '../jobs/log-level.ts'
import type { PageInfoRef } from '../page-info.ts'
import type { Refusals } from '../refusals.ts'
import { addAlertEvents } from './alert-event.ts'
import { addAlertKind, addAlerts } from './alert.ts'
import { addClusterEvents } from './cluster-event.ts'
import { addClusterMember } from './cluster-member.ts'
import { addClusterStatus } from './cluster-status.ts'
import { addHeapSnapshots } from './heap-snapshot.ts'
import { addProcessLoad } from './process-load.ts'
import { addProcessStatus } from './process-status.ts'
import { addRuntimeSettings } from './runtime-settings.ts'
import { addSystemEvents } from './system-event.ts'
import { addSystemStatus } from './system-status.ts'

/** Adds everything about the processes themselves. */
export function addOperations(
  builder: Builder,
  refusals: Refusals,
  logLevel: LogLevelRef,
  pageInfo: PageInfoRef,
): void {
  const load = addProcessLoad(builder)
  const member = addClusterMember(builder, load)
  const status = addClusterStatus(builder, member)
  addClusterEvents(builder, member, status)
  const alertKind = addAlertKind(builder)
  const { heapSnapshotEstimate: estimate } = refusals
  addSystemEvents(builder, addSystemStatus(builder, addProcessStatus(builder, { load, alertKind, estimate })))
  addRuntimeSettings(builder, refusals, logLevel)
  addHeapSnapshots(builder, refusals)
  addAlertEvents(builder, addAlerts(builder, pageInfo, alertKind))
}
