import { type ErrorCode, errorCodes, Refusal } from '../../core/errors.ts'
import type { LoopHold } from '../../core/loop.ts'
import type { Principal } from '../../core/principal.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Meter } from '../../ports/meter.ts'
import type { RequestContext } from '../../resolvers/context.ts'
import { type HeldBy, type LoopHolds, shortestHoldMs } from '../../services/operations/loop-holds.ts'
import type { StreamOpening } from '../../services/streams/stream.ts'
import type { Observation, OperationFacts, OperationOutcome, StreamObservation, Transport } from '../operation.ts'
import type { StreamFigures } from '../streams/stream-figures.ts'
import { refusedOperation } from './operation-facts.ts'

/** Begins to watch an operation, when it was read; `undefined`: nobody does. */
export type Observe = (transport: Transport, requestId: string) => Observation | undefined

export interface ObserverOptions {
  readonly log: Pick<Logger, 'info'>
  readonly meter: Meter
  readonly holds: Pick<LoopHolds, 'begin' | 'note'>
  readonly streams: Pick<StreamFigures, 'open'>
}

/** Watches operations. Disposed of, it tells at once of each that ends. */
export interface Observer extends Disposable {
  readonly observe: Observe
  /** Counts and tells of all that have ended. */
  flush(): void
}

/** The most operations that have ended and are still to be told of, and for how long they wait at most, in ms. */
const batch = { operations: 64, ms: 25 }

/**
 * Counts operations, notes what held the event loop for them, and gives each its line in the log when it has ended. Several are
 * told of together: one by one, each in the middle of something else, takes the processor three times as long.
 */
export function createObserver(options: ObserverOptions): Observer {
  let ended: OperationObservation[] = []
  let timer: NodeJS.Timeout | null = null
  let isDisposed = false

  function flush(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const batched = ended
    ended = []
    for (const operation of batched) tell(options, operation)
  }

  const onEnd: OnEnd = (operation) => {
    ended.push(operation)
    // That a stream was opened is told before its end.
    if (isDisposed || operation.isStream || ended.length >= batch.operations) flush()
    else timer ??= setTimeout(flush, batch.ms).unref()
  }
  return {
    observe: (transport, requestId) => new OperationObservation(transport, requestId, options, onEnd),
    flush,
    [Symbol.dispose]() {
      isDisposed = true
      flush()
    },
  }
}

type OnEnd = (operation: OperationObservation) => void

/** The most jobs that are named in a line. */
const maxJobIds = 10

class OperationObservation implements Observation {
  readonly transport: Transport
  readonly requestId: string
  operation: OperationFacts = refusedOperation
  principal: Principal | null = null
  jobIds: string[] | null = null
  isStream = false
  waitMs = 0
  /** How it ended, and how long it took. */
  code: ErrorCode | 'OK' = 'OK'
  ms = 0
  readonly #options: ObserverOptions
  readonly #onEnd: OnEnd
  readonly #begunAt = performance.now()
  #since = 0
  #refusal: ErrorCode | null = null
  #endHolding: (() => void) | null = null

  constructor(transport: Transport, requestId: string, options: ObserverOptions, onEnd: OnEnd) {
    this.transport = transport
    this.requestId = requestId
    this.#options = options
    this.#onEnd = onEnd
  }

  taken(operation: OperationFacts, { principal }: RequestContext): void {
    this.operation = operation
    this.principal = principal
    this.#endHolding = this.#options.holds.begin(this.#by)
  }

  begins(): void {
    this.#since = performance.now()
  }

  held(what: LoopHold['what']): void {
    const now = performance.now()
    // What is shorter nobody wants to know of.
    if (now - this.#since >= shortestHoldMs) this.#options.holds.note(what, now - this.#since, this.#by)
    this.#since = now
  }

  refusedWith(code: ErrorCode): void {
    this.#refusal ??= code
  }

  submitted(jobId: string): void {
    this.jobIds ??= []
    if (this.jobIds.length < maxJobIds) this.jobIds.push(jobId)
  }

  mayWait(ms: number): void {
    this.waitMs = Math.max(this.waitMs, ms)
  }

  streams(opening: StreamOpening | null): StreamObservation {
    this.isStream = true
    const who = { ...known(this.principal), requestId: this.requestId }
    return this.#options.streams.open(this.transport, { title: this.operation.title, who, opening })
  }

  answered(outcome: OperationOutcome): void {
    const error = outcome.type === 'result' ? outcome.result.errors?.[0] : undefined
    this.#end(error === undefined ? (this.#refusal ?? 'OK') : codeOf(error.extensions.code))
  }

  refused(error: unknown): void {
    this.#end(error instanceof Refusal ? error.code : 'INTERNAL')
  }

  get #by(): HeldBy {
    const { title, name } = this.operation
    return { operation: title, operationName: name, requestId: this.requestId }
  }

  #end(code: ErrorCode | 'OK'): void {
    const now = performance.now()
    this.#endHolding?.()
    this.code = code
    this.ms = now - this.#begunAt
    this.#since = now
    this.#onEnd(this)
  }
}

function tell({ meter, log }: ObserverOptions, ended: OperationObservation): void {
  const { transport, requestId, code, ms, principal, jobIds } = ended
  const { kind, field, title, name } = ended.operation
  meter.count('millrace_operations_total', { kind, field, transport, code })
  meter.observe('millrace_operation_duration_seconds', { kind, field }, ms / 1_000)
  // A poll is a stream for as long as it lasts, and its line is the one of the stream's end.
  if (ended.isStream && transport === 'poll' && code === 'OK') return
  const took = Math.round(ms * 10) / 10
  const fields = {
    requestId,
    kind,
    field,
    transport,
    code,
    ms: took,
    ...known(principal),
    ...(name !== null && { operationName: name }),
    ...(jobIds !== null && { jobIds }),
  }
  log.info(fields, `${title} ${took} ms ${code}`)
}

/** Who asked, as far as the log is told. */
function known(principal: Principal | null): { readonly userId: string | null; readonly keyId?: string } {
  if (principal === null || principal.kind === 'anonymous') return { userId: null }
  const { userId, keyId } = principal
  return keyId === null ? { userId } : { userId, keyId }
}

function codeOf(code: unknown): ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL' // checked
}
