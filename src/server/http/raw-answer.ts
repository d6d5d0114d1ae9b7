import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpAnswer } from '../graphql/http-answer.ts'

/** Writes an answer to a socket for which there is no response object, and closes it. */
export function writeRawAnswer(socket: Duplex, { status, headers, body }: HttpAnswer): void {
  socket.on('error', () => {})
  if (!socket.writable) return void socket.destroy()
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(body)) })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
