import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpAnswer } from '../graphql/http-answer.ts'

export interface DrainLimits {
  /** How long a client may pause while it finishes sending. */
  readonly idleMs: number
  /** How long it may take in all. */
  readonly totalMs: number
}

/**
 * Writes an answer to a client that is still sending, which is how most learn that a body is too large: reads and forgets
 * the rest for a bounded time and closes then. Closing at once would make the kernel reset the connection, and the client
 * would lose the answer (nginx calls this "lingering close").
 */
export async function sendWhileReceiving(
  request: IncomingMessage,
  response: ServerResponse,
  answer: HttpAnswer,
  limits: DrainLimits,
): Promise<void> {
  response.writeHead(answer.status, {
    ...answer.headers,
    connection: 'close',
    'content-length': Buffer.byteLength(answer.body),
  })
  response.write(answer.body)
  await drain(request, limits)
  response.end()
}

/** Closes a connection on which a body that nobody read still trickles in after the answer. */
export function boundUnreadBody(request: IncomingMessage, response: ServerResponse, limits: DrainLimits): void {
  const bound = async () => {
    await drain(request, limits)
    if (!request.complete) request.socket.destroy()
  }
  response.once('finish', () => void bound())
}

/** Reads and forgets until the request is whole, its connection closed or the time over. */
function drain(request: IncomingMessage, { idleMs, totalMs }: DrainLimits): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) return resolve()
    const stop = () => {
      clearTimeout(total)
      clearTimeout(idle)
      request.off('data', onData)
      resolve()
    }
    const total = setTimeout(stop, totalMs)
    const idle = setTimeout(stop, idleMs)
    const onData = () => void idle.refresh()
    request.once('end', stop).once('close', stop).on('error', stop)
    request.on('data', onData).resume()
  })
}
