import { type Frame, type Headers, type Operation, OperationError, type Transport } from './frame.ts'
import { createOutage, type Outage } from './outage.ts'
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
  /**
   * As they are, or asked for at each connection: a token may have run out since the last one. A stream that has ended with
   * its token then goes on with the next one.
   */
  readonly headers?: Headers | (() => Promise<Headers>)
  /** A cursor to go on from; `null` begins anew. */
  readonly after?: string | null
  readonly signal?: AbortSignal
  /** Hears which transport is tried, and why the one before was given up. */
  readonly onConnect?: (transport: TransportName, failure: unknown) => void
}

/** How long to go on without a connection after the last frame, in ms; a server may take a while to be started anew. */
const giveUpAfterMs = 120_000

/** How long to go on without a connection before any transport has brought a frame, in ms. */
const giveUpAtFirstMs = 20_000

/** After so long, in ms, a stream that was taken up was let in by its credential: a refusal comes at once. */
const letInAfterMs = 1_000

/** How a subscription is doing, over all of its connections. */
interface Course {
  after: string | null
  /** The place of the present transport in the list. */
  current: number
  /** Whether the present transport, or one before, has brought a frame. */
  proven: boolean
  /** In a row. */
  failures: number
  readonly outage: Outage
}

/** One connection. */
interface Attempt {
  readonly name: TransportName
  /** When the server took it up, ms since 1970; `null`: not yet. */
  openedAt: number | null
  hadFrame: boolean
}

/**
 * The frames of a subscription, each once and in order, over lost connections, tokens that run out and a change of
 * transport: the last cursor says where to go on. Ends when the operation is complete. Throws an `OperationError` when the
 * server refuses.
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
    outage: createOutage(),
  }
  let failure: unknown = null
  while (course.outage.ms < (course.proven ? giveUpAfterMs : giveUpAtFirstMs)) {
    const attempt: Attempt = { name: names[course.current % names.length] ?? 'poll', openedAt: null, hadFrame: false }
    options.onConnect?.(attempt.name, failure)
    try {
      yield* connection(attempt, options, course, signal)
      return
    } catch (error) {
      course.outage.down()
      failure = error
      if (signal.aborted) throw error
      if (error instanceof OperationError) {
        if (!isRunOut(error, attempt, options)) throw error
        continue
      }
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
  attempt: Attempt,
  { url, operation, headers = {} }: SubscribeOptions,
  course: Course,
  signal: AbortSignal,
): AsyncGenerator<Frame, void> {
  const onOpen = () => {
    attempt.openedAt ??= Date.now()
    course.outage.up()
  }
  const open = { url, operation, headers: toFunction(headers), after: course.after, signal, onOpen }
  for await (const frame of transports[attempt.name](open)) {
    if (isRefusal(frame)) throw new OperationError(frame.errors ?? [])
    course.after = frame.extensions?.resume?.cursor ?? course.after
    course.proven = true
    course.failures = 0
    course.outage.reset()
    attempt.hadFrame = true
    yield frame
  }
}

/** Whether a token has run out that had let the stream in, and there may be a fresh one. */
function isRunOut({ code }: OperationError, { openedAt, hadFrame }: Attempt, { headers }: SubscribeOptions): boolean {
  if (typeof headers !== 'function' || code !== 'UNAUTHENTICATED') return false
  return hadFrame || (openedAt !== null && Date.now() - openedAt >= letInAfterMs)
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
