import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { GraphQLError } from 'graphql'
import { presentResult, statusOf } from './present-result.ts'

/** Answers a request to upgrade with an HTTP refusal, and closes the connection. */
export function refuseUpgrade(socket: Duplex, error: GraphQLError): void {
  const result = presentResult({ errors: [error] })
  const status = statusOf(result)
  const body = JSON.stringify(result)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'connection: close',
    'content-type: application/graphql-response+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
