import type { Builder } from '../builder.ts'
import type { LogLevelRef } from '../jobs/log-level.ts'
import type { Refusals } from '../refusals.ts'
import { addClusterEvents } from './cluster-event.ts'
import { addClusterMember } from './cluster-member.ts'
import { addClusterStatus } from './cluster-status.ts'
import { addRuntimeSettings } from './runtime-settings.ts'

/** Adds everything about the processes themselves. */
export function addOperations(builder: Builder, refusals: Refusals, logLevel: LogLevelRef): void {
  const member = addClusterMember(builder)
  const status = addClusterStatus(builder, member)
  addClusterEvents(builder, member, status)
  addRuntimeSettings(builder, refusals, logLevel)
}
