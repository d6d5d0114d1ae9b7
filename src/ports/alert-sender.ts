import type { AlertKind, AlertSeverity, AlertUnit } from '../core/alerts.ts'

/** An alert as it is told to somebody outside, as JSON. */
export interface AlertMessage {
  /** One line for people, which chat programs show: their markup has no meaning in it. */
  readonly text: string
  readonly kind: AlertKind
  readonly severity: AlertSeverity
  readonly status: 'raised' | 'repeated' | 'cleared'
  readonly message: string
  readonly value: number
  readonly limit: number
  readonly unit: AlertUnit
  /** The place of the process that raised it, counted from 1; 0 for the primary. */
  readonly member: number
  /** ISO 8601. */
  readonly raisedAt: string
  readonly clearedAt: string | null
  /** Where the server is reached. */
  readonly source: string
}

/** Tells somebody outside of alerts. */
export interface AlertSender {
  /**
   * Tries it once, for five seconds at most and until the signal is aborted. Rejects when it was not taken, with a message that may
   * be logged: it says nothing of the address but the host. Whoever calls tries again.
   */
  send(message: AlertMessage, signal: AbortSignal): Promise<void>
}
