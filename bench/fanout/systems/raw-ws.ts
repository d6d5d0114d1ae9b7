import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { FanoutSystem } from '../system.ts'
import { answerOf, tellEvent } from './event-schema.ts'
import { upgradeRequest } from './greetings.ts'
import { closeServer, listen } from './listen.ts'
import { webSocketFrame } from './web-socket-frame.ts'

/** The least that a broadcast can be: one ready frame, written to the socket of each client. */
export async function openRawWs(): Promise<FanoutSystem> {
  const sockets = new Set<Duplex>()
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      sockets.add(socket)
      webSocket.on('close', () => sockets.delete(socket))
      webSocket.on('error', () => webSocket.terminate())
    })
  })
  const port = await listen(server)
  return {
    port,
    greeting: { transport: 'ws', head: upgradeRequest('/graphql', null), turns: [], until: '' },
    publish(count, size) {
      for (let event = 0; event < count; event += 1) {
        const payload = answerOf(tellEvent(size))
        const frame = webSocketFrame(JSON.stringify({ id: '1', type: 'next', payload }))
        for (const socket of sockets) socket.write(frame)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await closeServer(server)
    },
  }
}
