import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import type { FanoutSystem } from '../system.ts'
import { graphqlSseGreeting } from './greetings.ts'
import { closeServer, listen } from './listen.ts'
import { answerOf, document, tellEvent } from './event-schema.ts'

/** The least that SSE can be: one ready chunk (RFC 9112, 7.1), written to the socket of each client. */
export async function openRawSse(): Promise<FanoutSystem> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(':\n\n')
    request.resume()
    const { socket } = request
    sockets.add(socket)
    response.on('close', () => sockets.delete(socket))
  })
  const port = await listen(server)
  return {
    port,
    greeting: graphqlSseGreeting({ query: document }),
    publish(count, size) {
      for (let event = 0; event < count; event += 1) {
        const block = `event: next\ndata: ${JSON.stringify(answerOf(tellEvent(size)))}\n\n`
        const chunk = Buffer.from(`${Buffer.byteLength(block).toString(16)}\r\n${block}\r\n`)
        for (const socket of sockets) socket.write(chunk)
      }
    },
    [Symbol.asyncDispose]: () => closeServer(server),
  }
}
