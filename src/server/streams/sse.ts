import type { ExecutionResult } from 'graphql'
import type { ResumeRequest } from '../../services/streams/stream.ts'
import { requireMethod } from '../http/method.ts'
import { operationFromBody, operationFromSearch } from '../graphql/operation-params.ts'
import type { OperationParams, ResponseStream } from '../operation.ts'
import { createDrain } from './drain.ts'
import type { StreamDoor, StreamRequest, TransportOptions } from './handlers.ts'
import { isTold } from './is-told.ts'
import { answerOnce, resultAnswer, stoppingRefusal } from './json-answer.ts'
import { readResume } from './params.ts'
import { type ReadOperation, runOperation } from '../graphql/run-operation.ts'
import { openSseResponse, type SseResponse, type SseTimes } from './sse-response.ts'

export interface SseOptions extends TransportOptions {
  readonly times?: Partial<SseTimes>
}

const defaultTimes: SseTimes = { heartbeatMs: 12_000, stallMs: 30_000, retryMs: 1_000 }

/** `data:` makes a native EventSource dispatch the event. */
const completeEvent = 'event: complete\ndata:\n\n'

/** GraphQL over server-sent events, distinct connections mode, with the cursor as the event's id. */
export function createSseDoor(options: SseOptions): StreamDoor {
  return new SseDoor(options)
}

class SseDoor implements StreamDoor {
  readonly #options: SseOptions
  readonly #times: SseTimes
  readonly #drain = createDrain()

  constructor(options: SseOptions) {
    this.#options = options
    this.#times = { ...defaultTimes, ...options.times }
  }

  async handle(request: StreamRequest): Promise<void> {
    try {
      await this.#answer(request)
    } catch (error) {
      const fields = { requestId: request.facts.requestId, error: String(error) }
      this.#options.logger.error(fields, 'An event stream could not be answered.')
      request.response.destroy()
    }
  }

  close(drainMs: number): Promise<void> {
    return this.#drain.close(drainMs)
  }

  async #answer(request: StreamRequest): Promise<void> {
    const { response, facts } = request
    const outcome = await runOperation(this.#options, facts, () => {
      if (this.#drain.started) throw stoppingRefusal()
      return readOperation(request)
    })
    if (outcome.type === 'result') this.#answerOnce(request, outcome.result)
    else if (response.destroyed) await outcome.stream.return()
    else if (outcome.stream.finished && request.request.method === 'GET') {
      await outcome.stream.return()
      // What makes a native EventSource stop coming back; a client that posts expects the end of the operation instead.
      response.writeHead(204, { 'cache-control': 'no-store' }).end()
    } else await this.#answerStream(request, outcome.stream)
  }

  #answerOnce({ request, response }: StreamRequest, result: ExecutionResult): void {
    if (response.destroyed) return
    const answer = resultAnswer(result)
    const comesBack = answer.status === 429 || answer.status === 503
    if (answer.status !== 200 && (request.method === 'GET' || comesBack)) answerOnce(response, answer)
    else openSseResponse(response, this.#times).end(nextEvent(result, null) + completeEvent)
  }

  async #answerStream({ response, facts }: StreamRequest, stream: ResponseStream): Promise<void> {
    const sse = openSseResponse(response, this.#times)
    // Woken by `return()`, the pump finds the answer closed, or the door closing.
    const wake = () => void stream.return()
    const member = this.#drain.join({ wake, force: () => response.destroy() })
    response.once('close', () => {
      wake()
      member.leave()
    })
    try {
      await pump(stream, sse)
      sse.end(member.isWoken ? this.#comeBackSoon() : completeEvent)
    } catch (error) {
      const masked = this.#options.maskError(error, facts.requestId)
      if (isTold(error)) sse.end(nextEvent({ errors: [masked] }, null) + completeEvent)
      else sse.cut()
    } finally {
      await stream.return()
    }
  }

  /** Without `complete` a client takes the end for a broken connection and comes back, but not all in one moment. */
  #comeBackSoon(): string {
    return `retry: ${Math.round(this.#times.retryMs * (0.5 + 2 * Math.random()))}\n\n`
  }
}

async function pump(stream: ResponseStream, sse: SseResponse): Promise<void> {
  while (!sse.closed) {
    const result = await stream.next()
    if (result.done === true) return
    await sse.send(nextEvent(result.value.payload, result.value.cursor))
  }
}

/** Only what is in the log carries an id: a client comes back with the last one that it saw. */
function nextEvent(payload: ExecutionResult, cursor: string | null): string {
  return `${cursor === null ? '' : `id: ${cursor}\n`}event: next\ndata: ${JSON.stringify(payload)}\n\n`
}

function readOperation({ request, body }: StreamRequest): ReadOperation {
  requireMethod(request.method ?? '', ['GET', 'POST'])
  const search = searchOf(request.url ?? '')
  const isGet = request.method === 'GET'
  const params = isGet ? operationFromSearch(search) : operationFromBody(body)
  const resume = withAfter(params, request.headers['last-event-id'], new URLSearchParams(search).get('after'))
  return isGet ? { params, resume, kinds: ['query', 'subscription'] } : { params, resume }
}

function searchOf(url: string): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at + 1)
}

/** `Last-Event-ID` is newer than what stands in the body or in the address, which a client sends again as they were. */
function withAfter(
  params: OperationParams,
  lastEventId: string | string[] | undefined,
  queryAfter: string | null,
): ResumeRequest | null {
  const resume = readResume(params)
  const header = typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : null
  const after = header ?? resume?.after ?? queryAfter
  return after === null ? resume : { after, onGap: resume?.onGap ?? 'snapshot' }
}
