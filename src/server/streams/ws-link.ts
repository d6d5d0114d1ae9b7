import type { WebSocket } from 'ws'
import { closeReason } from './ws-close-codes.ts'

export interface LinkLimits {
  /** How much may wait for a client that does not read, in bytes, before nothing more is read from it. */
  readonly highWaterBytes: number
  /** How long a client that is not read from may take nothing of what waits for it, in ms, before it is cut off. */
  readonly stallMs: number
}

/** The way out to one client. Who lets answers pile up is not read from until they have gone: nothing asks for more. */
export interface Link {
  readonly isOpen: boolean
  /** Whether nothing is read from the client for now, its pongs included. */
  readonly isHeld: boolean
  /** Sends text; resolves when it was handed to the system, so that who sends waits for a slow reader. Never rejects. */
  send(text: string): Promise<void>
  /** Closes the socket with a code and a reason, unless that has been done. */
  close(code: number, reason: string): void
}

export function createLink(socket: WebSocket, { highWaterBytes, stallMs }: LinkLimits): Link {
  let deadline: NodeJS.Timeout | null = null

  function hold(): void {
    if (deadline !== null) return
    socket.pause()
    deadline = setTimeout(() => socket.terminate(), stallMs)
  }

  function release(): void {
    if (deadline === null) return
    clearTimeout(deadline)
    deadline = null
    socket.resume()
  }

  function flushed(): void {
    if (deadline === null) return
    // Half, so that it does not stop and go with each message.
    if (socket.bufferedAmount <= highWaterBytes / 2) release()
    else deadline.refresh()
  }

  const isOpen = () => socket.readyState === socket.OPEN
  socket.once('close', release)

  return {
    get isOpen() {
      return isOpen()
    },
    get isHeld() {
      return deadline !== null
    },
    send(text) {
      return new Promise((resolve) => {
        if (!isOpen()) return resolve()
        // A socket that fails is closed by its own events.
        socket.send(text, () => {
          flushed()
          resolve()
        })
        if (socket.bufferedAmount > highWaterBytes) hold()
      })
    },
    close(code, reason) {
      if (!isOpen()) return
      // From here on `ws` has a deadline of its own, and the client's close frame must be read.
      release()
      socket.close(code, closeReason(reason))
    },
  }
}
