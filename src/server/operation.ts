import type { ExecutionResult } from 'graphql'
import type { LoopHold } from '../core/loop.ts'
import type { OperationTrace, RequestContext } from '../resolvers/context.ts'
import type { StreamOpening } from '../services/streams/stream.ts'

/** A GraphQL request as it comes over any transport, already read but not yet trusted. */
export interface OperationParams {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | null
  readonly operationName?: string | null
  readonly extensions?: Readonly<Record<string, unknown>> | null
}

/**
 * One answer of a subscription, ready to be sent. Frames of events are shared by all who asked the same and may see the same:
 * executed and written as JSON once, framed once for each transport.
 */
export interface Frame {
  /** The place after it. */
  readonly cursor: string
  /** Whether no frame follows. */
  readonly last: boolean
  /** The answer as JSON; its `extensions.resume.cursor` equals `cursor`. */
  readonly payload: string
  /** `payload` framed by `encode`, which is called the first time only for each of the functions. */
  encoded<Encoded>(encode: (frame: Frame) => Encoded): Encoded
}

/** Where the frames of a stream go. The functions return at once and never throw. */
export interface FrameSink {
  /** Whether a frame may be sent now. A stream stands still from the moment it is not, until its `resume()` is called. */
  readonly isWritable: boolean
  send(frame: Frame): void
  /** All that has happened so far was sent; called each time that the stream gets there. */
  upToDate?(): void
  /** Nothing is sent any more; called once, unless the stream was ended from outside. `null`: the operation is complete. */
  ended(reason: unknown): void
}

/** The answers of a subscription. What `finished`, `upToDate` and `cursor` say stands with `TopicStream`. */
export interface FrameStream {
  readonly finished: boolean
  readonly upToDate: boolean
  /**
   * The place after the last frame that was sent; before the first, where the stream goes on from. `null` while a snapshot is
   * due and was not sent: who came back with a place after it would never learn of the gap.
   */
  readonly cursor: string | null
  /** Starts to send. Once, and not after `end()`. */
  begin(sink: FrameSink): void
  /** The sink can be written to again. */
  resume(): void
  /** Ends it: the sink hears nothing any more. Can be called twice. */
  end(): void
}

export type OperationKind = 'query' | 'mutation' | 'subscription'

/** How an operation came: `local` without a port. */
export type Transport = 'http' | 'upload' | 'sse' | 'poll' | 'websocket' | 'local'

/** What is told of an operation of a valid document. */
export interface OperationFacts {
  readonly kind: OperationKind | 'none'
  /** The field at its root, a name of the schema; `several`, or `none` of a document that was not taken. */
  readonly field: string
  /** Both, such as `query jobs`. */
  readonly title: string
  /** The name that its client gave it, cut short: a name of GraphQL, and so of letters, digits and underscores. */
  readonly name: string | null
  /** Whether fields are left to resolve when the first of its steps is done: there are several, or levels of them. */
  readonly hasSteps: boolean
}

/** What is counted of all streams of a transport, without a call for each frame. */
export interface StreamTally {
  deliveries: number
}

/** One stream as it is watched. */
export interface StreamObservation {
  readonly tally: StreamTally
  /** A gap was told to its subscriber. */
  gap(): void
  /** It is over. */
  ended(end: StreamEnd): void
}

/** How a stream came to its end, and what was sent before. */
export interface StreamEnd {
  readonly frames: number
  /** `COMPLETE`: its log has. `LEFT`: it was ended from outside, by its client most of all. Else the code of the error. */
  readonly how: string
}

/** What is seen of one operation, for the figures, the log and the list of what held the event loop. Nothing of it throws. */
export interface Observation extends OperationTrace {
  /** How long it may take more than others, in ms. */
  readonly waitMs: number
  /** Its document was taken; `context` is its own. */
  taken(operation: OperationFacts, context: RequestContext): void
  /** From now on it holds the event loop, but for what else is done before the next of its promises goes on. */
  begins(): void
  /** It has done that since the last of these calls, and goes on. */
  held(what: LoopHold['what']): void
  /** It is a stream from now on. */
  streams(opening: StreamOpening | null): StreamObservation
  /** It was answered, or its stream opened: the end of it. */
  answered(outcome: OperationOutcome): void
  /** It came to nothing before it was known what it is. */
  refused(error: unknown): void
}

/** The context of an operation that somebody may be watching. */
export interface ObservedContext extends RequestContext {
  readonly trace?: Observation | undefined
}

/** A subscription's stream, or the one answer to everything else, errors before execution included. */
export type OperationOutcome =
  | {
      readonly type: 'result'
      readonly result: ExecutionResult
      /** Whether the document was taken and its operation begun; otherwise the errors speak of the document. */
      readonly begun: boolean
      /** Of what was given up because it took too long: resolves when nothing of it runs any more. */
      readonly left?: Promise<unknown>
    }
  | { readonly type: 'stream'; readonly stream: FrameStream }

/**
 * Parses, validates, authorises and runs an operation: the same for every transport.
 * Never throws for what a caller sent: every error in the result went through the one mask.
 */
export interface Engine {
  /** With `kinds` an operation of another kind is not run, but refused with a sentence that says how to send it. */
  run(
    params: OperationParams,
    context: ObservedContext,
    options?: { readonly kinds?: readonly OperationKind[] },
  ): Promise<OperationOutcome>
}
