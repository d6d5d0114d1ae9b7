import type { ExecutionResult } from 'graphql'
import type { RequestContext } from '../resolvers/context.ts'

/** A GraphQL request as it comes over any transport, already read but not yet trusted. */
export interface OperationParams {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | null
  readonly operationName?: string | null
  readonly extensions?: Readonly<Record<string, unknown>> | null
}

/** One answer of a subscription, ready for framing: `payload.extensions.resume.cursor` equals `cursor`. */
export interface StreamFrame {
  readonly payload: ExecutionResult
  readonly cursor: string
  readonly last: boolean
}

/** The answers of a subscription. `return()` wakes a pending `next()`. What `finished` and `upToDate` say stands with `TopicStream`. */
export interface ResponseStream extends AsyncIterableIterator<StreamFrame, undefined> {
  readonly finished: boolean
  readonly upToDate: boolean
  readonly cursor: string
  return(): Promise<IteratorResult<StreamFrame, undefined>>
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
  | { readonly type: 'stream'; readonly stream: ResponseStream }

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
