import type { Clock } from '../../core/clock.ts'
import type { Readings } from '../../core/metrics.ts'
import type { EventBody } from '../../ports/event-log.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Meter } from '../../ports/meter.ts'
import { toldAt } from '../../services/streams/told-at.ts'
import type { StreamOpening } from '../../services/streams/stream.ts'
import type { StreamObservation, StreamTally, Transport } from '../operation.ts'

/** What a stream is to the log. */
export interface StreamLabel {
  readonly title: string
  readonly who: { readonly requestId: string; readonly userId: string | null; readonly keyId?: string }
  readonly opening: StreamOpening | null
}

/** The figures of streams and what is told of each; `millrace_stream_lag_seconds` is of live events. */
export interface StreamFigures {
  open(transport: Transport, label: StreamLabel): StreamObservation
  /** A live event is about to be executed for those who asked the same. */
  executes(body: EventBody): void
  /** What is read and not counted as it happens. */
  read(): Readings
}

interface Kept extends StreamTally {
  open: number
}

export interface StreamFiguresOptions {
  readonly meter: Meter
  readonly logger: Pick<Logger, 'info'>
  readonly clock: Clock
}

export function createStreamFigures({ meter, logger, clock }: StreamFiguresOptions): StreamFigures {
  const kept = new Map<Transport, Kept>()

  function of(transport: Transport): Kept {
    const tally = kept.get(transport) ?? { deliveries: 0, open: 0 }
    kept.set(transport, tally)
    return tally
  }

  return {
    open(transport, { title, who, opening }) {
      const tally = of(transport)
      const openedAt = performance.now()
      tally.open += 1
      meter.count('millrace_stream_opens_total', { transport, status: opening?.status ?? 'fresh' })
      return {
        tally,
        gap: () => meter.count('millrace_stream_gaps_total', { transport }),
        ended({ frames, how }) {
          tally.open -= 1
          const ms = Math.round(performance.now() - openedAt)
          const line = { ...who, transport, stream: 'ended', how, frames, ms }
          logger.info(line, `${title} ended after ${ms} ms, ${frames} frames: ${how}`)
        },
      }
    },
    executes(body) {
      const at = toldAt(body)
      // Clocks of two machines may differ by more than it took.
      if (at !== null) meter.observe('millrace_stream_lag_seconds', {}, Math.max(0, clock.now() - at) / 1_000)
    },
    read() {
      const all = [...kept]
      return {
        millrace_streams: all.map(([transport, { open }]) => ({ labels: { transport }, value: open })),
        millrace_stream_deliveries_total: all.map(([transport, { deliveries }]) => ({
          labels: { transport },
          value: deliveries,
        })),
      }
    },
  }
}
