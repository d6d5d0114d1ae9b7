import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '../../core/errors.ts'
import { charset, essence } from './media-type.ts'
import { singleHeader } from './single-header.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** How long the whole body may take. */
  readonly deadlineMs: number
}

/** The client went away before its request was whole: nobody is left to answer. */
export class ConnectionLostError extends Error {
  constructor() {
    super('The client closed the connection before its request was complete.')
    this.name = 'ConnectionLostError'
  }
}

/**
 * Reads the bytes of a JSON body; `received` are those of a body that was read before. Throws `UNSUPPORTED_MEDIA_TYPE`,
 * `PAYLOAD_TOO_LARGE`, `REQUEST_TIMEOUT` and `ConnectionLostError`; after a refusal the rest of the body is still on its way (see
 * `sendWhileReceiving`).
 */
export async function readJsonBody(
  request: IncomingMessage,
  response: ServerResponse,
  limits: BodyLimits,
  received: Buffer | null,
): Promise<Buffer> {
  const contentType = singleHeader(request, 'content-type')
  const encoding = singleHeader(request, 'content-encoding')
  if (essence(contentType) !== 'application/json') {
    throw new Refusal(
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the operation as application/json, or files as multipart/form-data.',
    )
  }
  if (!['utf-8', 'utf8', null].includes(charset(contentType))) {
    throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'The body must be in UTF-8.')
  }
  if (encoding !== null && encoding !== 'identity') {
    throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'Compressed bodies are not read here.')
  }
  return received ?? readBody(request, response, limits)
}

function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { maxBytes, deadlineMs }: BodyLimits,
): Promise<Buffer> {
  const tooLarge = () =>
    new Refusal('PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes.`, { limit: maxBytes })
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge())
    if (request.destroyed && !request.complete) return reject(new ConnectionLostError())
    askForBody(request, response)
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) finish(() => reject(tooLarge()))
      else chunks.push(chunk)
    }
    const onEnd = () => finish(() => resolve(Buffer.concat(chunks, size)))
    const onLost = () => finish(() => reject(new ConnectionLostError()))
    const late = () => new Refusal('REQUEST_TIMEOUT', `The body did not arrive within ${deadlineMs / 1000} seconds.`)
    const timer = setTimeout(() => finish(() => reject(late())), deadlineMs)
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onLost).off('error', onLost)
      // A cut connection may still raise an error, which is nobody's any more.
      request.on('error', ignore).pause()
      settle()
    }
    request.on('data', onData).on('end', onEnd).on('close', onLost).on('error', onLost)
  })
}

/** Stands outside, since a listener keeps all that was there where it was made: the body, for as long as an answer lasts. */
function ignore(): void {}

/** Tells a client that waits for leave (`Expect: 100-continue`, as curl does before big bodies) to send its body. */
export function askForBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
}
