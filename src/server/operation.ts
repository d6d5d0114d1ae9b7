import type { ExecutionResult } from 'graphql'
import type { RequestContext } from '../resolvers/context.ts'

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

/** A subscription's stream, or the one answer to everything else, errors before execution included. */
export type OperationOutcome =
  | {
      readonly type: 'result'
      readonly result: ExecutionResult
      /** Whether the document was taken and its operation begun; otherwise the errors speak of the document. */
      readonly begun: boolean
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
    context: RequestContext,
    options?: { readonly kinds?: readonly OperationKind[] },
  ): Promise<OperationOutcome>
}
