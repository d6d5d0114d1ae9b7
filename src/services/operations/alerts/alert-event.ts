import type { Alert } from '../../../core/alerts.ts'
import type { ToldAlert } from './told-alert.ts'

/** The topic of what is amiss in the processes that serve together. */
export const alertsTopic = 'alerts'

/** An alert as it is shown: `isActive` as of when it was told or, in a list, when it was asked for. */
export interface ShownAlert extends Alert {
  readonly isActive: boolean
}

/** What is told on the topic, the same for every administrator. */
export type AlertEvent =
  | { readonly type: 'AlertsSnapshot'; readonly at: number; readonly active: readonly ShownAlert[] }
  | { readonly type: ToldAlert['type']; readonly at: number; readonly alert: ShownAlert }

/** What was told, as it goes into the log. */
export function toEvent({ type, at, alert }: ToldAlert): AlertEvent {
  return { type, at, alert: { ...alert, isActive: alert.clearedAt === null } }
}
