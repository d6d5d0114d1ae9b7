import type { Clock } from '../core/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Figures } from '../ports/meter.ts'
import type { LoopHolds } from '../services/operations/loop-holds.ts'
import { createDeadlines, type Deadlines } from './graphql/deadlines.ts'
import { createObserver, type Observe } from './graphql/observe.ts'
import type { RequestLog } from './http/routes.ts'
import { createStreamFigures, type StreamFigures } from './streams/stream-figures.ts'

export interface ObservationOptions {
  readonly figures: Pick<Figures, 'count' | 'observe' | 'addSource'>
  readonly holds: LoopHolds
  readonly logger: Logger
  readonly clock: Clock
  /** How long a query or mutation may take, in ms. */
  readonly operationMs: number
}

/** What is seen of requests, and the time that they have; what is not there is not seen. */
export interface OpenObservation extends Disposable {
  readonly observe: Observe | undefined
  readonly streams: StreamFigures | undefined
  readonly deadlines: Pick<Deadlines, 'begin'> | undefined
  readonly figures: Pick<Figures, 'addSource'> | undefined
  /** Where requests that are no operations have their lines. */
  readonly log: RequestLog | undefined
}

/** Nobody sees anything. */
export const noObservation: OpenObservation = {
  observe: undefined,
  streams: undefined,
  deadlines: undefined,
  figures: undefined,
  log: undefined,
  [Symbol.dispose]: () => undefined,
}

/** Composes all that watches requests and streams. */
export function openObservation(options: ObservationOptions): OpenObservation {
  const { figures: meter, holds, clock, operationMs, logger: log } = options
  const streams = createStreamFigures({ meter, logger: log, clock })
  const observer = createObserver({ log, meter, holds, streams })
  const stopReading = meter.addSource(() => {
    observer.flush()
    return streams.read()
  })
  const deadlines = createDeadlines(operationMs)
  return {
    observe: observer.observe,
    streams,
    deadlines,
    figures: meter,
    log,
    [Symbol.dispose]() {
      stopReading()
      deadlines[Symbol.dispose]()
      observer[Symbol.dispose]()
    },
  }
}
