import type { Bus } from '../../../ports/bus.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { Store } from '../../../ports/store.ts'
import { liveChannel, readLiveEvent } from '../../streams/live-events.ts'
import { revocationsTopic, type Revocation } from '../sessions/revocations.ts'
import { followRevocations, type RevocationLog } from './revocation-log.ts'

/** One who must know when a credential ends. The functions return at once and never throw. */
export interface RevocationListener {
  /** May be called twice for one revocation. */
  revoked(revocation: Revocation): void
  /** Some were missed: everything that is known of credentials must be looked up again. */
  missed(): void
  /** About every half second, whether anything happened or not. */
  tick(): void
}

/**
 * What this process hears of revocations: its own when they are committed, those of others from the bus, which may lose
 * them, and in any case from the log, which it reads by position every half second.
 */
export interface RevocationFeed extends AsyncDisposable {
  /**
   * Whether everything that was committed more than a second ago has been heard. While it is not, nothing that is
   * remembered of a credential may be trusted.
   */
  isCurrent(): boolean
}

export interface RevocationFeedOptions {
  readonly store: Pick<Store, 'read' | 'onCommitted'>
  readonly bus: Bus
  readonly logger: Logger
  readonly listener: RevocationListener
}

/** How often the log is read, in ms, and how long ago the last good reading may have begun. */
const everyMs = 500
const currentMs = 1000

/** Listens from now on, until it is disposed of. */
export function openRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  const { store, logger, listener } = options
  const log = followRevocations({ ...listener, store })
  let readAt = -Infinity
  let isFailing = false
  let reading: Promise<void> | null = null

  async function read(): Promise<void> {
    const startedAt = performance.now()
    try {
      await log.read()
      readAt = startedAt
      isFailing = false
    } catch (error) {
      const sentence = 'The log of revocations cannot be read: every credential is looked up each time until it can.'
      if (!isFailing) logger.warn({ error: String(error) }, sentence)
      isFailing = true
    }
  }

  function startReading(): void {
    reading ??= read().finally(() => {
      reading = null
    })
  }

  const stopOwn = store.onCommitted((events) => {
    for (const event of events) if (event.topic === revocationsTopic) log.hear(event)
  })
  const subscribed = subscribe(options, log)
  const timer = setInterval(() => {
    listener.tick()
    startReading()
  }, everyMs)
  timer.unref()
  startReading()

  return {
    isCurrent: () => performance.now() - readAt <= currentMs,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      stopOwn()
      await reading
      const unsubscribe = await subscribed
      unsubscribe()
    },
  }
}

async function subscribe({ bus, logger }: RevocationFeedOptions, log: RevocationLog): Promise<() => void> {
  try {
    return await bus.subscribe(liveChannel(revocationsTopic), (message) => {
      const event = readLiveEvent(message)
      if (event !== null) log.hear(event)
    })
  } catch (error) {
    logger.warn({ error: String(error) }, 'Revocations cannot be heard over the bus: they come by the log, later.')
    return () => undefined
  }
}
