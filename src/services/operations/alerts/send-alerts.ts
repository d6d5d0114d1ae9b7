import { backoffMs } from '../../../core/backoff.ts'
import { onceForAll } from '../../../core/once-for-all.ts'
import { within } from '../../../core/within.ts'
import type { AlertSender } from '../../../ports/alert-sender.ts'
import type { Logger } from '../../../ports/logger.ts'
import { toMessage } from './alert-message.ts'
import { pause } from './pause.ts'
import type { AlertListener, ToldAlert } from './told-alert.ts'

/** Tells somebody outside of each alert. */
export interface AlertDelivery {
  readonly hear: AlertListener
  /** Resolves when all was sent, or given up after two seconds; takes nothing more. */
  close(): Promise<void>
}

export interface AlertDeliveryOptions {
  readonly sender: AlertSender
  readonly logger: Logger
  /** Where this server is reached. */
  readonly source: () => string
  /** How long to wait after a try that failed, counted from 1, in ms. */
  readonly pauseMs?: (failures: number) => number
}

/** The most alerts that wait; of more, the newest. */
const maxWaiting = 100
const mostTries = 3
const closingMs = 2_000

/** Sends one after the other, in order, each at most three times. That it fails is logged once, until it succeeds again. */
export function sendAlerts(options: AlertDeliveryOptions): AlertDelivery {
  const { sender, logger, source } = options
  const pauseMs = options.pauseMs ?? ((failures) => backoffMs(failures, { baseMs: 2_000, capMs: 10_000 }))
  /** No pauses any more, and then nothing at all. */
  const closing = new AbortController()
  const ended = new AbortController()
  const waiting: ToldAlert[] = []
  let isFailing = false

  async function send(told: ToldAlert): Promise<void> {
    for (let failures = 0; failures < mostTries && !ended.signal.aborted;) {
      try {
        await sender.send(toMessage(told, source()), ended.signal)
        isFailing = false
        return
      } catch (error) {
        failures += 1
        if (failures === mostTries || closing.signal.aborted) {
          fail(error)
          return
        }
        await pause(pauseMs(failures), closing.signal)
      }
    }
  }

  function fail(error: unknown): void {
    if (!isFailing) {
      const facts = { error: error instanceof Error ? error.message : String(error) }
      logger.warn(facts, 'Alerts do not reach ALERT_WEBHOOK_URL. This is logged once, until one does.')
    }
    isFailing = true
  }

  const sendAll = onceForAll(async () => {
    for (let told = waiting.shift(); told !== undefined; told = waiting.shift()) await send(told)
  })

  return {
    hear(told) {
      if (closing.signal.aborted) return
      waiting.push(told)
      if (waiting.length > maxWaiting) waiting.shift()
      void sendAll()
    },
    async close() {
      closing.abort()
      const sending = sendAll()
      await within(closingMs, sending)
      ended.abort()
      await sending
    },
  }
}
