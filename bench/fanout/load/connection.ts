import { connect, type Socket } from 'node:net'

/** Where a connection's bytes go: into one buffer for all, since each reader is done with them when it returns. */
const shared = Buffer.allocUnsafe(256 * 1024)

export interface ConnectionHandlers {
  /** Answers `false` to stop reading. The bytes are valid during the call only. */
  bytes(chunk: Buffer): boolean | void
  /** It was closed, by whomever. */
  closed(reason: string): void
}

/** A TCP connection to this machine that costs as little as one can. */
export function openConnection(port: number, handlers: ConnectionHandlers): Socket {
  let reason = 'closed'
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (length) => handlers.bytes(shared.subarray(0, length)) ?? true,
    },
  })
  socket.on('error', (error) => (reason = error.message))
  socket.on('close', () => handlers.closed(reason))
  return socket
}
