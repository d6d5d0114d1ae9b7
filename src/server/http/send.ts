import type { ServerResponse } from 'node:http'
import type { HttpAnswer } from '../graphql/http-answer.ts'

/** Writes a whole answer. Headers that were set before stay unless the answer has them too. */
export function send(response: ServerResponse, answer: HttpAnswer): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) })
  response.end(answer.body)
}

/** Answers with a JSON value. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  })
}

/**
 * Cuts the connection of a client that takes nothing of its answer for so many ms: what it does not take stays in memory, and the
 * connection with it. A client that takes it slowly is waited for, as far as that shows: kernels hold some megabytes, and tell of a good part
 * of them at a time. So is our own side, as long as nothing waits to be taken.
 */
export function mustBeTaken(response: ServerResponse, ms: number): void {
  // Node looks whether the kernel has taken anything since, and ends this timeout when the answer has gone out.
  response.setTimeout(ms, () => {
    if (response.writableLength > 0) response.destroy()
    else response.socket?.setTimeout(ms)
  })
}
