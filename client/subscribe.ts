import { type Frame, type Headers, type Operation, OperationError, type Transport } from './frame.ts'
import { poll } from './poll.ts'
import { sse } from './sse.ts'
import { ws } from './ws.ts'

/** The transports by name, the best one first. */
export const transports = { ws, sse, poll } as const satisfies Record<string, Transport>

export type TransportName = keyof typeof transports

export interface SubscribeOptions {
  /** The address of the GraphQL endpoint, `http:` or `https:`. */
  readonly url: string
  readonly operation: Operation
  /** Use this transport only; by default each is tried in the order `ws`, `sse`, `poll`, and the first that works is kept. */
  readonly transport?: TransportName | undefined
  /** As they are, or asked for at each connection: a token may have run out since the last one. */
  readonly headers?: Headers | (() => Promise<Headers>)
  /** A cursor to go on from; `null` begins anew. */
  readonly after?: string | null
  readonly signal?: AbortSignal
  /** Hears which transport is tried, and why the one before was given up. */
  readonly onConnect?: (transport: TransportName, failure: unknown) => void
}

/** How long to go on trying after the last frame, in ms; a server may take a while to be started anew. */
const giveUpAfterMs = 120_000

/** How long to try before any transport has brought a frame, in ms. */
const giveUpAtFirstMs = 20_000

/** How a subscription is doing, over all of its connections. */
interface Course {
  after: string | null
  /** The place of the present transport in the list. */
  current: number
  /** Whether the present transport, or one before, has brought a frame. */
  proven: boolean
  /** In a row. */
  failures: number
  /** When the last frame came, or the subscription was begun, ms since 1970. */
  lastFrameAt: number
}

/**
 * The frames of a subscription, each once and in order, over lost connections and over a change of transport: the last
 * cursor says where to go on. Ends when the operation is complete. Throws an `OperationError` when the server refuses.
 */
export async function* subscribe(options: SubscribeOptions): AsyncGenerator<Frame, void> {
  const { signal = new AbortController().signal } = options
  // The names are the keys of the table above.
  const names = options.transport === undefined ? (Object.keys(transports) as TransportName[]) : [options.transport]
  const course: Course = {
    after: options.after ?? null,
    current: 0,
    proven: false,
    failures: 0,
    lastFrameAt: Date.now(),
  }
  let failure: unknown = null
  while (Date.now() - course.lastFrameAt < (course.proven ? giveUpAfterMs : giveUpAtFirstMs)) {
    const name = names[course.current % names.length] ?? 'poll'
    options.onConnect?.(name, failure)
    try {
      yield* connection(name, options, course, signal)
      return
    } catch (error) {
      if (error instanceof OperationError || signal.aborted) throw error
      failure = error
      course.failures += 1
      // One that never worked is given up at once, one that did after it failed again and again.
      if (!course.proven || course.failures > 2) course.current += 1
      await pause(course.failures, signal)
    }
  }
  throw failure
}

/** The frames of one connection, noted in the course. */
async function* connection(
  name: TransportName,
  { url, operation, headers = {} }: SubscribeOptions,
  course: Course,
  signal: AbortSignal,
): AsyncGenerator<Frame, void> {
  const open = { url, operation, headers: toFunction(headers), after: course.after, signal }
  for await (const frame of transports[name](open)) {
    if (isRefusal(frame)) throw new OperationError(frame.errors ?? [])
    course.after = frame.extensions?.resume?.cursor ?? course.after
    course.proven = true
    course.failures = 0
    course.lastFrameAt = Date.now()
    yield frame
  }
}

function toFunction(headers: Headers | (() => Promise<Headers>)): () => Promise<Headers> {
  return typeof headers === 'function' ? headers : () => Promise.resolve(headers)
}

/** A frame that belongs to no event says why there will be none. */
function isRefusal(frame: Frame): boolean {
  return frame.errors !== undefined && frame.extensions?.resume === undefined
}

/** Waits longer after each failure, at random, so that many clients do not come back together. */
async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const ms = Math.random() * Math.min(5_000, 250 * 2 ** Math.min(failures, 10))
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
