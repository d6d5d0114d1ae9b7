import type { WebSocket } from 'ws'
import { closeReason } from './ws-close-codes.ts'

/** Pings the socket again and again, and cuts it off when a ping has no answer by the time of the next. */
export function keepAlive(socket: WebSocket, everyMs: number): void {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) {
      socket.terminate()
      return
    }
    answered = false
    if (socket.readyState === socket.OPEN) socket.ping()
  }, everyMs)
  socket.once('close', () => clearInterval(timer))
}

/** Sends text; resolves when it was handed to the system, so that who sends waits for a slow reader. */
export function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) resolve()
    // A socket that fails is closed by its own events.
    else socket.send(text, () => resolve())
  })
}

/** Closes the socket with a code and a reason, unless that has been done. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState === socket.OPEN) socket.close(code, closeReason(reason))
}
