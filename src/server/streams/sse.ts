import type { ExecutionResult } from 'graphql'
import type { ResumeRequest } from '../../services/streams/stream.ts'
import { requireMethod } from '../http/method.ts'
import { operationFromBody, operationFromSearch } from '../graphql/operation-params.ts'
import type { OperationParams } from '../operation.ts'
import { createDrain } from './drain.ts'
import type { StreamDoor, StreamRequest, TransportOptions } from './handlers.ts'
import { answerOnce, resultAnswer, stoppingRefusal } from './json-answer.ts'
import { readResume } from './params.ts'
import { createPulse } from './pulse.ts'
import { type ReadOperation, runOperation } from '../graphql/run-operation.ts'
import { type SseDoorway, SseResponse, type SseTimes } from './sse-response.ts'
import { answerText, completeEvent, SseSubscription } from './sse-subscription.ts'

export interface SseOptions extends TransportOptions {
  readonly times?: Partial<SseTimes>
}

const defaultTimes: SseTimes = { heartbeatMs: 12_000, stallMs: 30_000, retryMs: 1_000 }

/** GraphQL over server-sent events, distinct connections mode, with the cursor as the event's id. */
export function createSseDoor(options: SseOptions): StreamDoor {
  const { logger } = options
  const times = { ...defaultTimes, ...options.times }
  const doorway: SseDoorway = { outbox: options.outbox, pulse: createPulse(times.heartbeatMs), times }
  const drain = createDrain()
  const subscriptions = { ...options, doorway, drain }

  async function answer(request: StreamRequest): Promise<void> {
    const { response, facts } = request
    const read = () => {
      if (drain.started) throw stoppingRefusal()
      return readOperation(request)
    }
    const outcome = await runOperation(options, facts, read, options.observe?.('sse', facts.requestId))
    if (outcome.type === 'result') return answerResult(request, outcome.result)
    const { stream } = outcome
    if (response.destroyed) return stream.end()
    if (stream.finished && request.request.method === 'GET') {
      stream.end()
      // What makes a native EventSource stop coming back; a client that posts expects the end of the operation instead.
      response.writeHead(204, { 'cache-control': 'no-store' }).end()
    } else new SseSubscription(response, facts.requestId, stream, subscriptions).begin()
  }

  function answerResult({ request, response }: StreamRequest, result: ExecutionResult): void {
    if (response.destroyed) return
    const plain = resultAnswer(result)
    const comesBack = plain.status === 429 || plain.status === 503
    if (plain.status !== 200 && (request.method === 'GET' || comesBack)) answerOnce(response, plain)
    else new SseResponse(response, doorway, nobody).end(answerText(result) + completeEvent)
  }

  return {
    async handle(request) {
      try {
        await answer(request)
      } catch (error) {
        const fields = { requestId: request.facts.requestId, error: String(error) }
        logger.error(fields, 'An event stream could not be answered.')
        request.response.destroy()
      }
    },
    close: (drainMs) => drain.close(drainMs),
  }
}

/** Of an answer that nothing more comes to. */
const nobody = { writable: () => undefined, closed: () => undefined }

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
