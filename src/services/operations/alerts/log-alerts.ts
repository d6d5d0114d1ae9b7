import type { Logger } from '../../../ports/logger.ts'
import type { AlertListener } from './told-alert.ts'

/** Writes each alert that is told into the log, as grave as it is. */
export function logAlerts(logger: Logger): AlertListener {
  return ({ type, alert }) => {
    const { kind, severity, message, value, limit, unit, id, raisedAt } = alert
    const facts = { alert: kind, alertId: id, value, limit, unit }
    if (type === 'AlertCleared') {
      logger.info(
        { ...facts, lastedMs: (alert.clearedAt ?? raisedAt) - raisedAt, was: message },
        `The alert ${kind} is over.`,
      )
      return
    }
    const level = severity === 'CRITICAL' ? 'error' : 'warn'
    logger[level]({ ...facts, ...(type === 'AlertRepeated' && { since: new Date(raisedAt) }) }, message)
  }
}
