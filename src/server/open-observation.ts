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
  /** Asked for each operation by whoever measures what it costs to see them; otherwise all is seen. */
  readonly seen?: (() => Seen) | undefined
}

/** `figures`: all but the lines in the log. `nothing`: operations have a deadline, and that is all. */
export type Seen = 'all' | 'figures' | 'nothing' | 'no deadline either'

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
  const { figures: meter, holds, clock, operationMs, seen, logger: log } = options
  const streams = createStreamFigures({ meter, logger: log, clock })
  const observer = createObserver({ log, meter, holds, streams })
  const stopReading = meter.addSource(() => {
    observer.flush()
    return streams.read()
  })
  const deadlines = createDeadlines(operationMs)
  const observation: OpenObservation = {
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
  if (seen === undefined) return observation
  return partly(seen, observation, createObserver({ log: null, meter, holds, streams }).observe)
}

/** As much of it as is to be seen at the time. */
function partly(seen: () => Seen, all: OpenObservation, figures: Observe): OpenObservation {
  const { observe, deadlines } = all
  const ways: Readonly<Record<Seen, Observe>> = {
    all: (...operation) => observe?.(...operation),
    figures,
    nothing: () => undefined,
    'no deadline either': () => undefined,
  }
  return {
    ...all,
    observe: (...operation) => ways[seen()](...operation),
    deadlines: { begin: (waiter) => (seen() === 'no deadline either' ? null : (deadlines?.begin(waiter) ?? null)) },
  }
}
