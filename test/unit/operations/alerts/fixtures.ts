import { alertKinds, type Alert } from '../../../../src/core/alerts.ts'
import { newId } from '../../../../src/core/ids.ts'
import type { ToldAlert } from '../../../../src/services/operations/alerts/told-alert.ts'

/** An alert that was just raised. */
export function alertAt(now: number, overrides: Partial<Alert> = {}): Alert {
  const { kind = 'HEAP_HIGH' } = overrides
  return {
    id: newId('alert'),
    kind,
    severity: alertKinds[kind].severity,
    value: 2,
    limit: 1,
    unit: 'BYTES',
    message: 'There are 2.',
    member: 1,
    nodeId: 'node_1',
    raisedAt: now,
    toldAt: now,
    clearedAt: null,
    ...overrides,
  }
}

/** What is told of it then. */
export function tellings(alert: Alert) {
  return {
    raised: { type: 'AlertRaised', at: alert.raisedAt, alert },
    repeated: (at: number): ToldAlert => ({ type: 'AlertRepeated', at, alert: { ...alert, toldAt: at } }),
    cleared: (at: number): ToldAlert => ({ type: 'AlertCleared', at, alert: { ...alert, toldAt: at, clearedAt: at } }),
  } as const
}
