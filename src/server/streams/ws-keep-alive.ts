import { randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import type { Link } from './ws-link.ts'

/** Pings the client again and again, and cuts it off when a ping has no answer by the time of the next. */
export function keepAlive(socket: WebSocket, link: Link, everyMs: number): void {
  let awaited: Buffer | null = null
  // Only who reads knows what to answer.
  socket.on('pong', (data) => {
    if (awaited?.equals(data) === true) awaited = null
  })
  const timer = setInterval(() => {
    if (link.isHeld) {
      // Its pongs are not read now; the link has a deadline of its own.
      awaited = null
      return
    }
    if (awaited !== null) {
      socket.terminate()
      return
    }
    awaited = randomBytes(8)
    if (link.isOpen) socket.ping(awaited)
  }, everyMs)
  socket.once('close', () => clearInterval(timer))
}
