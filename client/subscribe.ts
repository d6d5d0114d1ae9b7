import type { Course } from './course.ts'
import { drive } from './drive.ts'
import type { Frame, Headers, NamedTransport, Transport } from './frame.ts'
import { createFrameQueue, type FrameQueue } from './frame-queue.ts'
import { type TypedOperation, writeOut } from './operation.ts'
import { createOutage } from './outage.ts'
import { poll } from './poll.ts'
import { sse } from './sse.ts'
import { type ClientTimes, clientTimes } from './times.ts'
import { transportMemory } from './transport-memory.ts'
import { ws } from './ws.ts'

/** The transports by name, the best one first. */
export const transports = { ws, sse, poll } as const satisfies Record<NamedTransport['name'], Transport>

export type TransportName = keyof typeof transports

export interface SubscribeOptions<Data, Variables> {
  /** The address of the GraphQL endpoint, `http:` or `https:`. */
  readonly url: string
  readonly operation: TypedOperation<Data, Variables>
  /**
   * Use this transport only. By default each is tried in the order `ws`, `sse`, `poll`; the first that works is kept and
   * remembered for the address, and a better one takes over when it works again.
   */
  readonly transport?: TransportName | undefined
  /**
   * As they are, or asked for at each connection: a token may have run out since the last one. A stream that has ended with
   * its token then goes on with the next one.
   */
  readonly headers?: Headers | (() => Promise<Headers>)
  /** A cursor to go on from, `earliest` or `now`; `null` begins anew. */
  readonly after?: string | null
  /**
   * What to do where the server no longer has the events after the cursor: with `snapshot` (by default) the stream goes on with
   * the present state, in a frame that says `gap: true`; with `error` it ends with the refusal, such as `CURSOR_EXPIRED`.
   */
  readonly onGap?: 'snapshot' | 'error'
  /** Ends the subscription at once: the frame that is waited for is rejected with the signal's reason. */
  readonly signal?: AbortSignal
  /** Hears which transport is used from now on, and why the one before was given up, if it was. */
  readonly onConnect?: (transport: TransportName, failure: unknown) => void
  /** The most frames that may wait to be taken (256): beyond, the connection is let go until all were taken. */
  readonly maxWaiting?: number
  readonly times?: Partial<ClientTimes>
}

/** The frames of a subscription. Nothing is opened before the first is asked for. */
export interface Subscription<Data> extends AsyncIterableIterator<Frame<Data>, void, void>, AsyncDisposable {
  /** Ends it at once, also while a frame is waited for, which then is `done`. */
  return(): Promise<IteratorResult<Frame<Data>, void>>
  [Symbol.asyncIterator](): Subscription<Data>
}

/**
 * The frames of a subscription, each once and in order, over lost connections, tokens that run out and a change of
 * transport: the last cursor says where to go on. Ends when the operation is complete. Throws an `OperationError` when the
 * server refuses, and the last failure when there was no connection for too long.
 */
export function subscribe<Data = Record<string, unknown>, Variables = Record<string, unknown>>(
  options: SubscribeOptions<Data, Variables>,
): Subscription<Data> {
  const queue = createFrameQueue(options.maxWaiting ?? 256)
  const stop = new AbortController()
  let begin: (() => void) | null = () => {
    begin = null
    void run(options, queue, stop)
  }
  return {
    next() {
      begin?.()
      // What the server answers to the operation is as the operation's types say.
      return queue.next() as Promise<IteratorResult<Frame<Data>, void>>
    },
    async return() {
      begin = null
      stop.abort()
      queue.cut()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await this.return()
    },
  }
}

/** Runs the subscription to its end. Never rejects. */
async function run<Data, Variables>(
  options: SubscribeOptions<Data, Variables>,
  queue: FrameQueue,
  stop: AbortController,
): Promise<void> {
  const onAbort = () => {
    stop.abort()
    queue.cut({ reason: options.signal?.reason })
  }
  options.signal?.addEventListener('abort', onAbort, { once: true })
  if (options.signal?.aborted === true) onAbort()
  try {
    await drive(await beginCourse(options, queue, stop.signal))
  } catch (reason) {
    queue.end({ reason })
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
  }
}

async function beginCourse<Data, Variables>(
  { url, operation, headers = {}, transport, ...options }: SubscribeOptions<Data, Variables>,
  queue: FrameQueue,
  signal: AbortSignal,
): Promise<Course> {
  const times = { ...clientTimes, ...options.times }
  // The names are the keys of the table above.
  const names = transport === undefined ? (Object.keys(transports) as TransportName[]) : [transport]
  const memory = transport === undefined ? transportMemory(url, times) : null
  return {
    url,
    operation: await writeOut(operation),
    onGap: options.onGap ?? 'snapshot',
    headers: typeof headers === 'function' ? headers : () => Promise.resolve(headers),
    mayRenew: typeof headers === 'function',
    transports: names.map((name) => ({ name, open: transports[name] })),
    memory,
    times,
    queue,
    onConnect: options.onConnect ?? (() => undefined),
    signal,
    outage: createOutage(),
    after: options.after ?? null,
    current: Math.max(
      0,
      names.findIndex((name) => name === memory?.name),
    ),
    proven: false,
    failures: 0,
  }
}
