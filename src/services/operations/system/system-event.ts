import type { SystemStatus } from '../../../core/system-status.ts'
import { retention } from '../../streams/retention.ts'
import type { StatusTopic } from '../status-stream.ts'
import { boundedSystem } from './bounded-status.ts'

/** What is told of the processes' insides, the same for every administrator. */
export type SystemEvent =
  | { readonly type: 'SystemSnapshot'; readonly at: number; readonly status: SystemStatus }
  | { readonly type: 'SystemSampled'; readonly at: number; readonly status: SystemStatus }

/** How it is told. */
export const systemTopic: StatusTopic<SystemStatus> = {
  topic: 'system',
  snapshotType: 'SystemSnapshot' satisfies SystemEvent['type'],
  type: 'SystemSampled' satisfies SystemEvent['type'],
  name: 'The status of the system',
  retention: retention.system,
  bound: boundedSystem,
}
