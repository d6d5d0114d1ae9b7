import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql'
import { Refusal } from '../../core/errors.ts'
import type { RequestContext } from '../../resolvers/context.ts'
import type { Engine, FrameStream, OperationKind, OperationOutcome, OperationParams } from '../operation.ts'
import type { MaskError } from './mask-error.ts'
import type { TopicSubscriptions } from '../streams/subscribe.ts'

type Answer = ExecutionResult | AsyncIterable<unknown>

/** The part of envelop's pipeline (yoga's `getEnveloped`) that runs an operation. */
export type GetEnveloped = (context: Record<string, unknown>) => {
  readonly schema: GraphQLSchema
  readonly parse: (source: string) => DocumentNode
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[]
  readonly contextFactory: () => object | Promise<object>
  readonly execute: (args: ExecutionArgs) => unknown
  readonly subscribe: (args: ExecutionArgs) => unknown
}

export interface EngineOptions {
  readonly getEnveloped: GetEnveloped
  /** Whose plugin is in the pipeline. */
  readonly subscriptions: TopicSubscriptions
  readonly maskError: MaskError
}

/** The engine over a pipeline: what its plugins demand holds on every transport. */
export function createEngine(options: EngineOptions): Engine {
  const { getEnveloped, subscriptions, maskError } = options

  function refusal(errors: readonly unknown[], { requestId }: RequestContext): OperationOutcome {
    return { type: 'result', result: { errors: errors.map((error) => maskError(error, requestId)) }, begun: false }
  }

  function masked(result: ExecutionResult, { requestId }: RequestContext): ExecutionResult {
    if (result.errors === undefined) return result
    return { ...result, errors: result.errors.map((error) => maskError(error, requestId)) }
  }

  async function run(
    params: OperationParams,
    context: RequestContext,
    kinds: readonly OperationKind[] | undefined,
  ): Promise<OperationOutcome> {
    const enveloped = getEnveloped({ ...context, params })
    const document = enveloped.parse(params.query)
    const errors = enveloped.validate(enveloped.schema, document)
    if (errors.length > 0) {
      return refusal(errors, context)
    }
    const kind = getOperationAST(document, params.operationName)?.operation
    if (kind === undefined) throw noOperation(params)
    if (kinds !== undefined && !kinds.includes(kind)) throw notHere(kind)
    const contextValue = await enveloped.contextFactory()
    const { variables: variableValues, operationName } = params
    const args: ExecutionArgs = { schema: enveloped.schema, document, contextValue, variableValues, operationName }
    let stream: FrameStream | null = null
    let answer: Answer | null = null
    try {
      // The pipeline types loosely what it gives; it is what graphql-js gives.
      answer = (await (kind === 'subscription' ? enveloped.subscribe(args) : enveloped.execute(args))) as Answer
    } finally {
      stream = subscriptions.streamOf(contextValue)
      // A plugin may have put a refusal in place of a stream that was opened.
      if (answer === null || !isIterable(answer)) stream?.end()
    }
    if (!isIterable(answer)) return { type: 'result', result: masked(answer, context), begun: true }
    if (stream !== null) return { type: 'stream', stream }
    throw new Refusal('BAD_REQUEST', 'Incremental delivery is not taken here.')
  }

  return {
    async run(params, context, { kinds } = {}) {
      try {
        return await run(params, context, kinds)
      } catch (error) {
        return refusal([error], context)
      }
    },
  }
}

function isIterable(answer: Answer): answer is AsyncIterable<unknown> {
  return Symbol.asyncIterator in answer
}

function noOperation({ operationName }: OperationParams): Refusal {
  const sentence =
    typeof operationName === 'string'
      ? 'The document has no operation of the name in `operationName`.'
      : 'The document must have one operation, or `operationName` must say which.'
  return new Refusal('BAD_REQUEST', sentence)
}

function notHere(kind: OperationKind): Refusal {
  if (kind !== 'subscription')
    return new Refusal('METHOD_NOT_ALLOWED', `A ${kind} cannot be sent this way; use POST.`, { allow: 'POST' })
  const sentence =
    'A subscription is answered as text/event-stream, as application/vnd.millrace.poll+json or over WebSocket.'
  return new Refusal('BAD_REQUEST', sentence)
}
