import { type AlertKind, alertKinds } from '../../../core/alerts.ts'
import type { Readings } from '../../../core/metrics.ts'
import type { Alarms } from '../../../ports/alarms.ts'
import type { Meter } from '../../../ports/meter.ts'
import type { AlertListener } from './told-alert.ts'

// What holds the table's keys.
const kinds = Object.keys(alertKinds) as AlertKind[]

/** Counts the alerts that are told as raised or lasting. */
export function countAlerts(meter: Pick<Meter, 'count'>): AlertListener {
  return ({ type, alert: { kind } }) => {
    if (type !== 'AlertCleared') meter.count('millrace_alerts_total', { kind })
  }
}

/** Which kinds are raised, as figures. */
export function readRaised({ raised }: Pick<Alarms, 'raised'>): Readings {
  return {
    millrace_alert_active: kinds.map((kind) => ({ labels: { kind }, value: raised.includes(kind) ? 1 : 0 })),
  }
}
