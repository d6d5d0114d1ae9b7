import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  validateSubscriptionArgs,
  type ValidatedSubscriptionArgs,
} from 'graphql'
import { anonymous, type Principal } from '../../core/principal.ts'
import type { TopicStream } from '../../services/streams/stream.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import type { FrameStream, ObservedContext, StreamEnd, StreamObservation } from '../operation.ts'
import { createExecution, type ExecutionOptions, sharedOperation } from './groups/execution.ts'
import { createFanOut } from './groups/fan-out.ts'
import { createFrameCaches } from './groups/frame-cache.ts'
import { createGroupKeys } from './groups/group-key.ts'
import { createGroups } from './groups/groups.ts'
import { Subscriber } from './groups/subscriber.ts'
import { createSharing, viewerOf } from './groups/viewers.ts'
import type { StreamFigures } from './stream-figures.ts'
import type { Admission, StreamLimits } from './stream-limits.ts'
import type { WatchCredential } from './watch-credential.ts'

type SubscribeAnswer = ExecutionResult | AsyncIterableIterator<never>

/** The part of an envelop plugin that this is. */
export interface SubscribePlugin {
  onSubscribe(hook: { setSubscribeFn(subscribe: (args: ExecutionArgs) => Promise<SubscribeAnswer>): void }): void
}

/** Subscriptions whose root field's `subscribe` answers with a `TopicStream`. */
export interface TopicSubscriptions {
  /** How many streams are open, waiting polls among them. */
  readonly open: number
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
  /** Each stream ends with the credential that it was opened with, and is held while that is in doubt. */
  readonly watch: WatchCredential
  readonly limits: StreamLimits
  readonly figures?: Pick<StreamFigures, 'executes'> | undefined
}

export function createTopicSubscriptions(options: SubscriptionsOptions): TopicSubscriptions {
  const opened = new WeakMap<object, FrameStream>()
  let streams = 0
  const open = createOpening(options, (change) => (streams += change))

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
    get open() {
      return streams
    },
    streamOf: (contextValue) => opened.get(contextValue) ?? null,
  }
}

type Open = (args: ExecutionArgs, validated: ValidatedSubscriptionArgs) => Promise<ExecutionResult | Subscriber>

/** Hears that there is one stream more or less. */
type Count = (change: 1 | -1) => void

function createOpening(options: SubscriptionsOptions, count: Count): Open {
  const enlist = createEnlisting(options, count)

  return async ({ document }, validated) => {
    const { principal, client, services, publicUrl, trace } = validated.contextValue as ObservedContext // the engine runs with no other
    const admission = await options.limits.admit({ principal, ip: client.ip })
    let stream: TopicStream | null = null
    try {
      const source = await createSourceEventStream(validated)
      if (isTopicStream(source)) {
        stream = source
        return enlist({
          operation: sharedOperation(validated),
          document,
          principal,
          services,
          publicUrl,
          stream,
          admission,
          watched: trace?.streams(stream.opening),
        })
      }
      if (Symbol.asyncIterator in source) throw new TypeError('A subscription must answer with a stream of a topic.')
      admission.leave()
      return source
    } catch (error) {
      admission.leave()
      await stream?.return()
      throw error
    }
  }
}

/** A subscription that was let in. Nothing of its request is in here, for it lives as long as the stream. */
interface Enlisted extends Pick<ExecutionOptions, 'operation' | 'services' | 'publicUrl'> {
  /** With the one operation only. */
  readonly document: DocumentNode
  readonly principal: Principal
  readonly stream: TopicStream
  readonly admission: Admission
  readonly watched: StreamObservation | undefined
}

/** Finds each subscriber the group that it shares executions with. */
function createEnlisting(options: SubscriptionsOptions, count: Count): (enlisted: Enlisted) => Subscriber {
  const { maskError, watch, figures } = options
  const groups = createGroups({ caches: createFrameCaches(), fanOut: createFanOut(), onLive: figures?.executes })
  const keyOf = createGroupKeys()
  const isForAllWhoMay = createSharing()

  return ({ operation, document, principal, services, publicUrl, stream, admission, watched }) => {
    const viewer = isForAllWhoMay(operation.schema, document) ? anonymous : viewerOf(principal)
    const key = keyOf({ operation, document, topic: stream.topic, viewer })
    const execution = { operation, viewer, services, publicUrl, maskError }
    const group = groups.acquire(key, () => createExecution(execution))
    let stopWatching = () => {}
    const over = (end: StreamEnd) => {
      watched?.ended(end)
      stopWatching()
      groups.release(key)
      admission.leave()
      count(-1)
    }
    count(1)
    const subscriber = new Subscriber({ stream, group, over, replayed: admission.replayed, watched })
    try {
      stopWatching = watch(principal, (why) => subscriber.fail(why), subscriber)
    } catch (error) {
      subscriber.end()
      throw error
    }
    return subscriber
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
