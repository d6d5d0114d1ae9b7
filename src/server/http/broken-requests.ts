import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Refusal } from '../../core/errors.ts'
import type { Logger } from '../../ports/logger.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import { graphqlAnswer } from '../graphql/graphql-answer.ts'
import type { HttpFigures } from './http-figures.ts'
import { writeRawAnswer } from './raw-answer.ts'

export interface BrokenRequestOptions {
  readonly maskError: MaskError
  readonly logger: Logger
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>
  /** The most bytes that the headers of a request may have. */
  readonly headerBytes: number
  readonly figures?: Pick<HttpFigures, 'answeredRaw'>
}

/** Answers what is not HTTP, or not in time, in the form of every other refusal. */
export function answerBrokenRequests(server: Server, options: BrokenRequestOptions): void {
  const { maskError, logger, headers } = options
  const hasBegunAnswer = trackAnswers(server)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const explained = explain(error, options.headerBytes)
    // A second answer in the middle of the first would be taken for a part of it.
    if (explained === null || hasBegunAnswer(socket)) return void socket.destroy()
    const requestId = randomUUID()
    logger.debug({ requestId, reason: error.code }, 'A request could not be read.')
    const { status, refusal } = explained
    options.figures?.answeredRaw(null, status)
    const answer = graphqlAnswer({ errors: [maskError(refusal, requestId)] }, 'application/json')
    writeRawAnswer(socket, { ...answer, status, headers: { ...headers, ...answer.headers, 'x-request-id': requestId } })
  })
}

function explain(
  error: NodeJS.ErrnoException,
  headerBytes: number,
): { readonly status: number; readonly refusal: Refusal } | null {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    const message = `The headers of the request have more than ${headerBytes} bytes.`
    return { status: 431, refusal: new Refusal('PAYLOAD_TOO_LARGE', message, { limit: headerBytes }) }
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return {
      status: 408,
      refusal: new Refusal('REQUEST_TIMEOUT', 'The headers of the request did not arrive in time.'),
    }
  }
  // The parser's own codes; everything else is a connection that broke, and nobody is left to be told.
  if (error.code?.startsWith('HPE_') !== true) return null
  return { status: 400, refusal: new Refusal('BAD_REQUEST', 'The request is not valid HTTP/1.1.') }
}

/** Tells of a connection whether the answer to an earlier request on it is under way. */
function trackAnswers(server: Server): (socket: Duplex) => boolean {
  const open = new WeakMap<Duplex, Set<ServerResponse>>()
  const onRequest = ({ socket }: IncomingMessage, response: ServerResponse) => {
    const answers = open.get(socket) ?? new Set()
    open.set(socket, answers.add(response))
    response.once('close', () => answers.delete(response))
  }
  server.on('request', onRequest).on('checkContinue', onRequest)
  return (socket) => [...(open.get(socket) ?? [])].some((response) => response.headersSent)
}
