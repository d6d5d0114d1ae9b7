import { randomUUID } from 'node:crypto'
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  validateSubscriptionArgs,
  type ValidatedSubscriptionArgs,
} from 'graphql'
import { anonymous, type Principal } from '../../core/principal.ts'
import type { RequestContext } from '../../resolvers/context.ts'
import { createReadBudget } from '../../services/jobs/read-budget.ts'
import type { TopicStream } from '../../services/streams/stream.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import type { FrameStream, OperationParams } from '../operation.ts'
import type { ExecuteEvent } from './groups/executor.ts'
import { createFanOut } from './groups/fan-out.ts'
import { createFrameCaches } from './groups/frame-cache.ts'
import { createGroupKeys } from './groups/group-key.ts'
import { createGroups } from './groups/groups.ts'
import { Subscriber } from './groups/subscriber.ts'
import { createSharing, viewerOf } from './groups/viewers.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { WatchCredential } from './watch-credential.ts'

type SubscribeAnswer = ExecutionResult | AsyncIterableIterator<never>

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
   * which only knows iterators.
   */
  streamOf(contextValue: object): FrameStream | null
}

export interface SubscriptionsOptions {
  readonly maskError: MaskError
  /** Each stream ends with the credential that it was opened with. */
  readonly watch: WatchCredential
  readonly limits: StreamLimits
}

/** The context that the engine runs a subscription with. */
type SubscriptionContext = RequestContext & { readonly params: OperationParams }

export function createTopicSubscriptions(options: SubscriptionsOptions): TopicSubscriptions {
  const opened = new WeakMap<object, FrameStream>()
  const open = createOpening(options)

  async function subscribe(args: ExecutionArgs): Promise<SubscribeAnswer> {
    const validated = validateSubscriptionArgs(args)
    if (!('schema' in validated)) return { errors: validated }
    const answer = await open(args, validated)
    if (!(answer instanceof Subscriber)) return answer
    // An object: the engine made it.
    opened.set(args.contextValue as object, answer)
    return notPulled
  }

  return {
    plugin: { onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe) },
    streamOf: (contextValue) => opened.get(contextValue) ?? null,
  }
}

type Open = (args: ExecutionArgs, validated: ValidatedSubscriptionArgs) => Promise<ExecutionResult | Subscriber>

function createOpening({ maskError, watch, limits }: SubscriptionsOptions): Open {
  const groups = createGroups({ caches: createFrameCaches(), fanOut: createFanOut() })
  const keyOf = createGroupKeys()
  const isForAllWhoMay = createSharing()

  return async ({ schema, document }, validated) => {
    const context = validated.contextValue as SubscriptionContext // the engine runs with no other
    const { principal, client, params } = context
    const admission = await limits.admit({ principal, ip: client.ip })
    try {
      const stream = await createSourceEventStream(validated)
      if (!isTopicStream(stream)) {
        admission.leave()
        if (!(Symbol.asyncIterator in stream)) return stream
        throw new TypeError('A subscription must answer with a stream of a topic.')
      }
      const viewer = isForAllWhoMay(schema, document) ? anonymous : viewerOf(principal)
      const key = keyOf({ schema, topic: stream.topic, params, viewer })
      const group = groups.acquire(key, () => createExecution(validated, viewer, maskError))
      let stopWatching = () => {}
      const over = () => {
        stopWatching()
        groups.release(key)
        admission.leave()
      }
      const subscriber = new Subscriber({ stream, group, over, replayed: admission.replayed })
      stopWatching = watch(principal, (why) => subscriber.fail(why))
      return subscriber
    } catch (error) {
      admission.leave()
      throw error
    }
  }
}

/** Executes events for a viewer, with a context that holds nothing of any one of those who asked. */
function createExecution(validated: ValidatedSubscriptionArgs, viewer: Principal, maskError: MaskError): ExecuteEvent {
  const { contextValue, ...operation } = validated
  const { services, publicUrl } = contextValue as RequestContext // as above
  // Of its own: it outlives the request that came first.
  const requestId = randomUUID()
  const shared = {
    principal: viewer,
    services,
    requestId,
    publicUrl,
    client: { ip: null, userAgent: null, device: null, requestId: null },
    sessionCookie: null,
    deviceCookie: null,
    retryAfter: null,
    resume: null,
  } satisfies Omit<RequestContext, 'readBudget'>

  function toAnswer(result: ExecutionResult): string {
    const { data, errors } = result
    if (errors === undefined) return JSON.stringify({ data })
    return JSON.stringify({ errors: errors.map((error) => maskError(error, requestId)), data })
  }

  function toFault(error: unknown): string {
    return JSON.stringify({ errors: [maskError(error, requestId)] })
  }

  return (body) => {
    try {
      const context: RequestContext = { ...shared, readBudget: createReadBudget() }
      const result = executeSubscriptionEvent({ ...operation, contextValue: context, rootValue: body })
      return result instanceof Promise ? result.then(toAnswer).catch(toFault) : toAnswer(result)
    } catch (error) {
      return toFault(error)
    }
  }
}

/** What the pipeline sees of a stream: its frames go another way. */
const notPulled: AsyncIterableIterator<never> = {
  next: () => Promise.reject(new TypeError('The frames of a subscription are not pulled.')),
  return: () => Promise.resolve({ done: true, value: undefined }),
  [Symbol.asyncIterator]() {
    return this
  },
}

function isTopicStream(source: object): source is TopicStream {
  return 'topic' in source && 'live' in source && 'park' in source && 'seek' in source
}
