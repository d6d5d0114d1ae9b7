import type { Alert } from '../../../core/alerts.ts'

/** How often an alert is told while it lasts, in ms: each at most once in such a window. */
export const alertWindowMs = 5 * 60_000

/** How much later than a window an alert may be told again until it counts as over, in ms: its process may be gone. */
const alertSlackMs = 60_000

/** What is told of an alert: that it was raised, that it lasts, or that it is over. */
export interface ToldAlert {
  readonly type: 'AlertRaised' | 'AlertRepeated' | 'AlertCleared'
  /** When it was told, ms since 1970. */
  readonly at: number
  readonly alert: Alert
}

/** Hears each alert that is told, in order. Must return at once and not throw. */
export type AlertListener = (told: ToldAlert) => void

/**
 * Whether an alert lasts, as far as one can know: who raised it tells it again as long as it lives, so one that was not told for a
 * while has lost its process and is over, though nobody has cleared it.
 */
export function isActive({ clearedAt, toldAt }: Pick<Alert, 'clearedAt' | 'toldAt'>, now: number): boolean {
  return clearedAt === null && now - toldAt <= alertWindowMs + alertSlackMs
}
