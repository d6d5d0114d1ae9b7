import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql'
import { Refusal } from '../../core/errors.ts'
import type {
  Engine,
  FrameStream,
  ObservedContext,
  OperationKind,
  OperationOutcome,
  OperationParams,
} from '../operation.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import type { MaskError } from './mask-error.ts'
import { isKnown, operationFacts } from './operation-facts.ts'
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
  /** Those of queries and mutations; without them each may take as long as it does. */
  readonly deadlines?: Pick<Deadlines, 'begin'> | undefined
}

/** What the executor of the pipeline takes besides: after it is aborted no further field is resolved. */
interface AbortableArgs extends ExecutionArgs {
  signal?: AbortSignal
}

/** An operation that may be executed, once its context is there. */
interface Taken {
  readonly enveloped: ReturnType<GetEnveloped>
  readonly kind: OperationKind
  readonly hasSteps: boolean
  readonly args: ExecutionArgs
}

/** The engine over a pipeline: what its plugins demand holds on every transport. */
export function createEngine(options: EngineOptions): Engine {
  const { maskError, deadlines } = options

  async function run(
    params: OperationParams,
    context: ObservedContext,
    kinds: readonly OperationKind[] | undefined,
  ): Promise<OperationOutcome> {
    const { requestId, trace } = context
    try {
      const taken = take(options, params, context)
      if ('errors' in taken) return { type: 'result', result: { errors: masked(taken.errors) }, begun: false }
      if (kinds !== undefined && !kinds.includes(taken.kind)) throw notHere(taken.kind)
      const deadline = taken.kind === 'subscription' ? null : (deadlines?.begin(trace) ?? null)
      const outcome = execute(options, taken, context, deadline)
      if (deadline === null) return await outcome
      return await deadline.firstOf(outcome, (reason) => {
        const left = outcome.catch((error: unknown) => maskError(error, requestId))
        return { type: 'result', result: { errors: masked([reason]) }, begun: true, left }
      })
    } catch (error) {
      return { type: 'result', result: { errors: masked([error]) }, begun: false }
    }

    function masked(errors: readonly unknown[]): GraphQLError[] {
      return errors.map((error) => maskError(error, requestId))
    }
  }

  return {
    async run(params, context, { kinds } = {}) {
      const outcome = await run(params, context, kinds)
      context.trace?.answered(outcome)
      return outcome
    },
  }
}

/** Parses and validates. Throws the refusal of what has no operation. */
function take(
  { getEnveloped }: EngineOptions,
  params: OperationParams,
  context: ObservedContext,
): Taken | { readonly errors: readonly GraphQLError[] } {
  const { trace } = context
  trace?.begins()
  const enveloped = getEnveloped({ ...context, params })
  const { schema } = enveloped
  const document = enveloped.parse(params.query)
  const operation = getOperationAST(document, params.operationName)
  // What is known was parsed and validated before: that takes no time worth a look at the clock.
  const isNew = !operation || !isKnown(operation)
  if (isNew) trace?.held('parse')
  const errors = enveloped.validate(schema, document)
  if (isNew) trace?.held('validate')
  if (errors.length > 0) return { errors }
  if (!operation) throw noOperation(params)
  const facts = operationFacts(document, operation)
  trace?.taken(facts, context)
  const { variables: variableValues, operationName } = params
  return {
    enveloped,
    kind: operation.operation,
    hasSteps: facts.hasSteps,
    args: { schema, document, variableValues, operationName },
  }
}

async function execute(
  { subscriptions, maskError }: EngineOptions,
  { enveloped, kind, hasSteps, args: given }: Taken,
  { requestId, trace }: ObservedContext,
  deadline: Deadline | null,
): Promise<OperationOutcome> {
  const contextValue = await enveloped.contextFactory()
  const args: AbortableArgs = { ...given, contextValue }
  // The executor's watching of it costs, and where it has one step there is nothing to abort.
  if (deadline !== null && hasSteps) args.signal = deadline.signal
  let stream: FrameStream | null = null
  let answer: Answer | null = null
  try {
    const answering = kind === 'subscription' ? enveloped.subscribe(args) : enveloped.execute(args)
    trace?.held('execute')
    // The pipeline types loosely what it gives; it is what graphql-js gives.
    answer = (await answering) as Answer
  } finally {
    stream = subscriptions.streamOf(contextValue)
    // A plugin may have put a refusal in place of a stream that was opened.
    if (answer === null || !isIterable(answer)) stream?.end()
  }
  if (!isIterable(answer)) {
    const errors = answer.errors?.map((error) => maskError(error, requestId))
    return { type: 'result', result: errors === undefined ? answer : { ...answer, errors }, begun: true }
  }
  if (stream !== null) return { type: 'stream', stream }
  throw new Refusal('BAD_REQUEST', 'Incremental delivery is not taken here.')
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
