import { backoffMs } from '../../../core/backoff.ts'
import { onceForAll } from '../../../core/once-for-all.ts'
import { within } from '../../../core/within.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { Store } from '../../../ports/store.ts'
import { keepFrom, retention } from '../../streams/retention.ts'
import { alertsTopic, toEvent } from './alert-event.ts'
import { pause } from './pause.ts'
import type { AlertListener, ToldAlert } from './told-alert.ts'

/** Keeps what is told for who asks, and for who comes later. */
export interface AlertRecorder {
  readonly hear: AlertListener
  /** Resolves when all of it is kept, or could not be within two seconds; takes nothing more. */
  close(): Promise<void>
}

export interface AlertRecorderOptions {
  readonly store: Pick<Store, 'write'>
  readonly logger: Logger
  /** How long to wait after a write that failed, counted from 1, in ms. */
  readonly pauseMs?: (failures: number) => number
}

/** The most alerts that wait for a store that takes none; of more, the newest. */
const maxWaiting = 100
const closingMs = 2_000

/**
 * Appends what is told to the topic `alerts`, one transaction after the other, and tries again for as long as the store takes
 * nothing: meanwhile only the newest of each alert waits, and that it is over is the newest there can be.
 */
export function recordAlerts(options: AlertRecorderOptions): AlertRecorder {
  const { store, logger, pauseMs = (failures) => backoffMs(failures, { baseMs: 1_000, capMs: 30_000 }) } = options
  const closing = new AbortController()
  const { signal } = closing
  let waiting: readonly ToldAlert[] = []

  const write = (batch: readonly ToldAlert[]) =>
    store.write(async ({ log }) => {
      for (const told of batch)
        await log.append(alertsTopic, { ...toEvent(told) }, { keep: keepFrom(told.at, retention.alerts) })
    })

  const writeAll = onceForAll(async () => {
    for (let failures = 0; waiting.length > 0;) {
      const batch = waiting
      waiting = []
      const isLast = signal.aborted
      try {
        await write(batch)
        failures = 0
      } catch (error) {
        failures += 1
        // What was told meanwhile is newer.
        waiting = waiting.reduce(withNewer, batch)
        if (failures === 1) logger.warn({ error: String(error) }, 'Alerts cannot be kept for now: it is tried again.')
        if (isLast) return
        await pause(pauseMs(failures), signal)
      }
    }
  })

  return {
    hear(told) {
      if (signal.aborted) return
      waiting = withNewer(waiting, told)
      void writeAll()
    },
    async close() {
      closing.abort()
      await within(closingMs, writeAll())
    },
  }
}

/** What waits, with one that was told after all of it. Who has not heard that an alert was raised hears it before it is told again. */
function withNewer(waiting: readonly ToldAlert[], told: ToldAlert): readonly ToldAlert[] {
  const before = waiting.find(({ alert }) => alert.id === told.alert.id)
  const type = before?.type === 'AlertRaised' && told.type === 'AlertRepeated' ? 'AlertRaised' : told.type
  return [...waiting.filter((other) => other !== before), { ...told, type }].slice(-maxWaiting)
}
