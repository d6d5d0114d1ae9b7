import { createServer } from 'node:http'
import { Server } from 'socket.io'
import type { FanoutSystem } from '../system.ts'
import { answerOf, tellEvent } from './event-schema.ts'
import { upgradeRequest } from './greetings.ts'
import { closeServer, listen } from './listen.ts'

/** A room of Socket.IO over WebSocket alone. */
export async function openSocketIo(): Promise<FanoutSystem> {
  const server = createServer()
  // Clients here answer no pings of this protocol.
  const io = new Server(server, { transports: ['websocket'], pingInterval: 3_600_000, serveClient: false })
  io.on('connection', (socket) => void socket.join('room'))
  return {
    port: await listen(server),
    greeting: {
      transport: 'ws',
      head: upgradeRequest('/socket.io/?EIO=4&transport=websocket', null),
      // Packet types of Engine.IO 4 and Socket.IO 5: `0` opens, `40` connects to the main namespace.
      turns: [{ send: '40', until: '0{' }],
      until: '40{',
    },
    publish(count, size) {
      for (let event = 0; event < count; event += 1) {
        io.to('room').emit('next', answerOf(tellEvent(size)))
      }
    },
    async [Symbol.asyncDispose]() {
      await io.close()
      if (server.listening) await closeServer(server)
    },
  }
}
