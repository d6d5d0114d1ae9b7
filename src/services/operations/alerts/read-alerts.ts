import type { Alert } from '../../../core/alerts.ts'
import type { EventLog } from '../../../ports/event-log.ts'
import { type AlertEvent, alertsTopic, type ShownAlert } from './alert-event.ts'
import { isActive } from './told-alert.ts'

/** How to read the log: all in one transaction, or page by page. */
export type ReadLog = <T>(work: (log: EventLog) => Promise<T>) => Promise<T>

/** How many of the newest events are looked at for a list, and for what is active: that was told a few minutes ago. */
export const amongForList = 2_000
export const amongForActive = 1_000

const pageSize = 250

/** The alerts that were told in so many of the newest events, each as it was told last, the newest first. */
export async function readAlerts(read: ReadLog, among: number, now: number): Promise<readonly ShownAlert[]> {
  const { offset: end } = await read((log) => log.head(alertsTopic))
  const found = new Map<string, Alert>()
  for (let after = Math.max(0, end - among); after < end;) {
    const page = await read((log) => log.read(alertsTopic, after, pageSize))
    for (const { body } of page) {
      // `record-alerts.ts` alone writes to this topic.
      const event = body as unknown as Exclude<AlertEvent, { readonly type: 'AlertsSnapshot' }>
      found.set(event.alert.id, event.alert)
    }
    after = page.at(-1)?.offset ?? end
  }
  return [...found.values()]
    .map((alert) => ({ ...alert, isActive: isActive(alert, now) }))
    .toSorted((one, other) => (one.id < other.id ? 1 : -1))
}
