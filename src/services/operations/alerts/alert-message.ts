import type { AlertMessage } from '../../../ports/alert-sender.ts'
import type { ToldAlert } from './told-alert.ts'

const statuses = { AlertRaised: 'raised', AlertRepeated: 'repeated', AlertCleared: 'cleared' } as const

/** What is said outside of an alert that was told; `source` is where the server is reached. */
export function toMessage({ type, alert }: ToldAlert, source: string): AlertMessage {
  const { kind, severity, message, value, limit, unit, member, raisedAt, clearedAt } = alert
  const status = statuses[type]
  const where = member === 0 ? 'primary' : `member ${member}`
  return {
    text: plain(`[${source}, ${where}] ${severity} ${kind} ${status}: ${message}`),
    kind,
    severity,
    status,
    message,
    value,
    limit,
    unit,
    member,
    raisedAt: new Date(raisedAt).toISOString(),
    clearedAt: clearedAt === null ? null : new Date(clearedAt).toISOString(),
    source,
  }
}

/** In one line, and nothing in it that chat programs take for a mention (https://docs.slack.dev/messaging/formatting-message-text). */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
