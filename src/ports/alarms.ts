import type { AlertKind, AlertReading } from '../core/alerts.ts'

/**
 * Takes the state of everything that this process may raise an alert for. Returns at once and never throws: what an alert is
 * told to is nobody's concern here.
 */
export interface Alarms {
  /**
   * Says how things stand: what is over its limit, or `null` while nothing is. May be said as often as one likes: an alert is told
   * when it is raised, again every 5 minutes while it lasts, and when it is cleared.
   */
  set(kind: AlertKind, reading: AlertReading | null): void
  /** The kinds that are raised. */
  readonly raised: readonly AlertKind[]
}
