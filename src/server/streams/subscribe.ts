import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  validateSubscriptionArgs,
  type ValidatedSubscriptionArgs,
} from 'graphql'
import type { EventBody } from '../../ports/event-log.ts'
import type { RequestContext } from '../../resolvers/context.ts'
import type { TopicStream } from '../../services/streams/stream.ts'
import type { ResponseStream } from '../operation.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import { endWithCredential, type WatchCredential } from './end-with-credential.ts'
import { createResponseStream, payloadsOf } from './response-stream.ts'

type SubscribeAnswer = ExecutionResult | AsyncIterableIterator<ExecutionResult>

/** The part of an envelop plugin that this is. */
export interface SubscribePlugin {
  onSubscribe(hook: { setSubscribeFn(subscribe: (args: ExecutionArgs) => Promise<SubscribeAnswer>): void }): void
}

/** Subscriptions whose root field's `subscribe` answers with a `TopicStream`. */
export interface TopicSubscriptions {
  /** Puts the subscribe function in place; the plugins before it decide first whether the operation may run. */
  readonly plugin: SubscribePlugin
  /**
   * The stream that was opened for the context of an operation, `null` when none was. It is given beside the pipeline,
   * which passes iterators on wrapped, without what else a `ResponseStream` can tell. Its errors are masked already.
   */
  streamOf(contextValue: object): ResponseStream | null
}

/** Each stream ends with the credential that it was opened with, of which `watch` tells. */
export function createTopicSubscriptions(maskError: MaskError, watch: WatchCredential): TopicSubscriptions {
  const opened = new WeakMap<object, ResponseStream>()

  async function subscribe(args: ExecutionArgs): Promise<SubscribeAnswer> {
    const validated = validateSubscriptionArgs(args)
    if (!('schema' in validated)) return { errors: validated }
    const source = await createSourceEventStream(validated)
    if (!(Symbol.asyncIterator in source)) return source
    if (!isTopicStream(source)) throw new TypeError('A subscription must answer with a stream of a topic.')
    const requestId = requestIdOf(args.contextValue)
    const mask = (error: unknown) => maskError(error, requestId)
    const answers = createResponseStream(source, (body) => executeEvent(validated, body, mask))
    const { principal } = args.contextValue as RequestContext // the engine runs with no other
    const stream = endWithCredential(answers, (onEnd) => watch(principal, onEnd))
    if (isObject(args.contextValue)) opened.set(args.contextValue, stream)
    return payloadsOf(stream)
  }

  return {
    plugin: { onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe) },
    streamOf: (contextValue) => opened.get(contextValue) ?? null,
  }
}

async function executeEvent(
  validated: ValidatedSubscriptionArgs,
  body: EventBody,
  mask: (error: unknown) => ReturnType<MaskError>,
): Promise<ExecutionResult> {
  const result = await executeSubscriptionEvent({ ...validated, rootValue: body })
  return result.errors === undefined ? result : { ...result, errors: result.errors.map(mask) }
}

function isTopicStream(source: object): source is TopicStream {
  return 'cursor' in source && 'upToDate' in source && 'finished' in source && 'return' in source
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function requestIdOf(contextValue: unknown): string {
  return isObject(contextValue) && 'requestId' in contextValue ? String(contextValue.requestId) : ''
}
