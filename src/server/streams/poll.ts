import type { ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { operationFromBody } from '../graphql/operation-params.ts'
import type { HttpAnswer } from '../graphql/http-answer.ts'
import { requireMethod } from '../http/method.ts'
import type { ResponseStream } from '../operation.ts'
import { createDrain } from './drain.ts'
import type { StreamDoor, StreamRequest, TransportOptions } from './handlers.ts'
import { isTold } from './is-told.ts'
import { answerOnce, resultAnswer, stoppingRefusal } from './json-answer.ts'
import { type PollRequest, readPoll, readResume } from './params.ts'
import { runOperation } from '../graphql/run-operation.ts'

/** What a client asks for when it wants a subscription answered once, with what has happened since its cursor. */
export const pollMediaType = 'application/vnd.millrace.poll+json'

/** The characters of payloads after which an answer takes no further one. */
const answerCharacters = 1024 * 1024

interface PollItem {
  readonly cursor: string
  readonly payload: ExecutionResult
}

interface PollAnswer {
  readonly items: readonly PollItem[]
  readonly cursor: string
  readonly upToDate: boolean
  readonly closed: boolean
}

/** Long polling: stateless, the cursor is the whole session, so any process may answer. */
export function createPollDoor(options: TransportOptions): StreamDoor {
  const { maskError, logger } = options
  // A poll has a client that comes back at once by nature: all are answered at once.
  const drain = createDrain(0)

  async function answer({ request, response, facts, body }: StreamRequest): Promise<void> {
    let poll: PollRequest | undefined
    const outcome = await runOperation(options, facts, () => {
      if (drain.started) throw stoppingRefusal()
      requireMethod(request.method ?? '', ['POST'])
      const params = operationFromBody(body)
      poll = readPoll(params)
      return { params, resume: readResume(params) }
    })
    if (outcome.type === 'result') answerOnce(response, resultAnswer(outcome.result))
    else if (poll === undefined || response.destroyed) await outcome.stream.return()
    else await answerPoll(response, facts.requestId, outcome.stream, poll)
  }

  async function answerPoll(
    response: ServerResponse,
    requestId: string,
    stream: ResponseStream,
    poll: PollRequest,
  ): Promise<void> {
    const wake = () => void stream.return()
    const member = drain.join({ wake, force: () => response.destroy() })
    response.once('close', () => {
      wake()
      member.leave()
    })
    try {
      const found = await collect(stream, poll)
      if (found.items.length > 0 || found.closed) answerOnce(response, pageAnswer(found))
      else if (!response.destroyed) {
        response.writeHead(204, { 'millrace-cursor': found.cursor, 'cache-control': 'no-store' }).end()
      }
    } catch (error) {
      const answer = resultAnswer({ errors: [maskError(error, requestId)] })
      // Our own failure is one to come back from.
      answerOnce(response, isTold(error) ? answer : { ...answer, status: 503 })
    } finally {
      await stream.return()
    }
  }

  return {
    async handle(request) {
      try {
        await answer(request)
      } catch (error) {
        logger.error({ requestId: request.facts.requestId, error: String(error) }, 'A poll could not be answered.')
        request.response.destroy()
      }
    },
    close: (drainMs) => drain.close(drainMs),
  }
}

function pageAnswer(page: PollAnswer): HttpAnswer {
  const headers = { 'content-type': `${pollMediaType}; charset=utf-8`, 'cache-control': 'no-store' }
  return { status: 200, headers, body: JSON.stringify(page) }
}

/** Waits for the first event at most as long as asked, then takes what is there without waiting. */
async function collect(stream: ResponseStream, { waitMs, max }: PollRequest): Promise<PollAnswer> {
  const items: PollItem[] = []
  let characters = 0
  let closed = stream.finished
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (stream.upToDate) void stream.return()
  }, waitMs)
  try {
    while (!closed && items.length < max && characters < answerCharacters) {
      if (stream.upToDate && (items.length > 0 || late || waitMs === 0)) break
      const result = await stream.next()
      if (result.done === true) break
      const { cursor, payload, last } = result.value
      items.push({ cursor, payload })
      characters += JSON.stringify(payload).length
      closed = last
    }
  } catch (error) {
    // What was collected is not lost: the next poll is told.
    if (items.length === 0) throw error
  } finally {
    clearTimeout(timer)
  }
  return { items, cursor: stream.cursor, upToDate: closed || stream.upToDate, closed }
}
