import type { ServerResponse } from 'node:http'
import { operationFromBody } from '../graphql/operation-params.ts'
import { runOperation } from '../graphql/run-operation.ts'
import { requireMethod } from '../http/method.ts'
import type { FrameStream } from '../operation.ts'
import { createDrain } from './drain.ts'
import type { StreamDoor, StreamRequest, TransportOptions } from './handlers.ts'
import { isTold } from './how-streams-end.ts'
import { answerOnce, resultAnswer, stoppingRefusal } from './json-answer.ts'
import { type PollRequest, readPoll, readResume } from './params.ts'
import { pageText, type PollPage } from './poll-page.ts'
import { type PollOutcome, PollSubscription } from './poll-subscription.ts'

/** What a client asks for when it wants a subscription answered once, with what has happened since its cursor. */
export const pollMediaType = 'application/vnd.millrace.poll+json'

const contentType = `${pollMediaType}; charset=utf-8`

export interface PollOptions extends TransportOptions {
  /** How long a client may take for each MiB of an answer that was begun, in ms. */
  readonly takeMs?: number
}

const defaultTakeMs = 120_000

/** Long polling: stateless, the cursor is the whole session, so any process may answer. */
export function createPollDoor(options: PollOptions): StreamDoor {
  const { maskError, logger, outbox, takeMs = defaultTakeMs } = options
  // A poll has a client that comes back at once by nature: all are answered at once.
  const drain = createDrain(0)

  async function answer({ request, response, facts, body }: StreamRequest): Promise<void> {
    let poll: PollRequest | undefined
    const read = () => {
      if (drain.started) throw stoppingRefusal()
      requireMethod(request.method ?? '', ['POST'])
      const params = operationFromBody(body)
      poll = readPoll(params)
      return { params, resume: readResume(params) }
    }
    const outcome = await runOperation(options, facts, read, options.observe?.('poll', facts.requestId))
    if (outcome.type === 'result') answerOnce(response, resultAnswer(outcome.result))
    else if (poll === undefined || response.destroyed) outcome.stream.end()
    else answerPoll(response, facts.requestId, outcome.stream, poll)
  }

  function answerPoll(response: ServerResponse, requestId: string, stream: FrameStream, poll: PollRequest): void {
    const subscription = new PollSubscription(stream, poll, outbox, (outcome) => {
      member.leave()
      sendOutcome(response, requestId, outcome)
    })
    const member = drain.join(subscription)
    response.once('close', () => subscription.force())
    subscription.begin()
  }

  function sendOutcome(response: ServerResponse, requestId: string, outcome: PollOutcome): void {
    if (outcome.type === 'broken off' || response.destroyed) return void response.destroy()
    if (outcome.type === 'nothing') {
      response.writeHead(204, { 'millrace-cursor': outcome.cursor, 'cache-control': 'no-store' }).end()
      return
    }
    if (outcome.type === 'page') return sendPage(response, outcome, takeMs)
    const answer = resultAnswer({ errors: [maskError(outcome.reason, requestId)] })
    // Our own failure is one to come back from.
    answerOnce(response, isTold(outcome.reason) ? answer : { ...answer, status: 503 })
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

function sendPage(response: ServerResponse, page: PollPage, takeMs: number): void {
  const { text, bytes } = pageText(page)
  response.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-store',
    'content-length': bytes,
  })
  response.end(text)
  if (response.writableLength === 0) return
  // A client that does not read must not keep the answer in memory for ever.
  const deadline = setTimeout(() => response.destroy(), takeMs * Math.ceil(bytes / 2 ** 20))
  response.once('close', () => clearTimeout(deadline))
}
