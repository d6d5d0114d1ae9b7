import type { Duplex } from 'node:stream'

/** What node's sockets have and their types do not tell. Node's own timeout of sockets looks at it as well. */
interface Handle {
  readonly bytesWritten: number
  /** How much of that the system has not taken yet. */
  readonly writeQueueSize: number
}

/**
 * How many bytes the system has taken of what was written to a socket: it grows while a large write is under way, too, which
 * `writableLength` does not show. Of a socket without a handle nothing is taken any more.
 */
export function takenBytes(socket: Duplex): number {
  // See above.
  const { _handle: handle } = socket as { readonly _handle?: Handle | null }
  return handle === undefined || handle === null ? 0 : handle.bytesWritten - handle.writeQueueSize
}
