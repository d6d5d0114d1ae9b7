import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import type { MaskError } from '../graphql/mask-error.ts'
import type { Frame, FrameSink, FrameStream } from '../operation.ts'
import type { Drain, DrainCalls, DrainMember } from './drain.ts'
import { isOfCredential, isTold } from './how-streams-end.ts'
import { type SseDoorway, SseResponse, type SseSource } from './sse-response.ts'

export interface SseSubscriptionOptions {
  readonly doorway: SseDoorway
  readonly drain: Drain
  readonly maskError: MaskError
}

/** `data:` makes a native EventSource dispatch the event. */
export const completeEvent = 'event: complete\ndata:\n\n'

/** A result that is no event of a log, and so has no id. */
export function answerText(result: ExecutionResult): string {
  return `event: next\ndata: ${JSON.stringify(result)}\n\n`
}

/** A subscription that is answered with server-sent events: from the head of the answer to its end. */
export class SseSubscription implements FrameSink, SseSource, DrainCalls {
  readonly #requestId: string
  readonly #stream: FrameStream
  readonly #options: SseSubscriptionOptions
  readonly #answer: SseResponse
  readonly #member: DrainMember

  constructor(response: ServerResponse, requestId: string, stream: FrameStream, options: SseSubscriptionOptions) {
    this.#requestId = requestId
    this.#stream = stream
    this.#options = options
    this.#answer = new SseResponse(response, options.doorway, this)
    this.#member = options.drain.join(this)
    forgetHeaders(response.req)
  }

  begin(): void {
    this.#stream.begin(this)
  }

  get isWritable(): boolean {
    return this.#answer.isWritable
  }

  send(frame: Frame): void {
    this.#answer.send(frame)
  }

  ended(reason: unknown): void {
    if (reason === null) return this.#answer.end(completeEvent)
    const masked = this.#options.maskError(reason, this.#requestId)
    if (!isTold(reason)) return this.#answer.cut()
    const text = answerText({ errors: [masked] }) + completeEvent
    if (isOfCredential(reason)) this.#answer.leave(text)
    else this.#answer.end(text)
  }

  writable(): void {
    this.#stream.resume()
  }

  closed(): void {
    this.#stream.end()
    this.#member.leave()
  }

  /** Without `complete` a client takes the end for a broken connection and comes back, but not all in one moment. */
  wake(): void {
    this.#stream.end()
    const { retryMs } = this.#options.doorway.times
    this.#answer.end(`retry: ${Math.round(retryMs * (0.5 + 2 * Math.random()))}\n\n`)
  }

  force(): void {
    this.#answer.cut()
  }
}

/** Nobody reads them any more, and a stream lasts. */
function forgetHeaders(request: IncomingMessage): void {
  request.headers = {}
  request.headersDistinct = {}
  request.rawHeaders = []
}
