import { createClient } from 'graphql-ws'
import { type Frame, type OpenOptions, OperationError, withCursor } from './frame.ts'

/**
 * Close codes of graphql-transport-ws servers after which it is no use to come back as before, with the server's own code
 * for what has ended the credential.
 */
const fatalCodes: ReadonlyMap<number, string | null> = new Map([
  [4400, null],
  [4401, 'SESSION_REVOKED'],
  [4403, 'UNAUTHENTICATED'],
  [4406, null],
])

/** Frames over a WebSocket of their own, by the stock graphql-ws client. */
export async function* ws(options: OpenOptions): AsyncIterable<Frame> {
  const client = createClient({
    url: options.url.replace(/^http/, 'ws'),
    connectionParams: async () => ({ ...(await options.headers()) }),
    retryAttempts: 0,
    connectionAckWaitTimeout: 4_000,
    on: { connected: () => options.onOpen() },
  })
  const frames = client.iterate(withCursor(options.operation, options.after))
  const stop = () => void client.dispose()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    // The result type of the library is the generic form of a frame.
    for await (const frame of frames) yield frame as Frame
  } catch (error) {
    if (Array.isArray(error)) throw new OperationError(error)
    const code = isClose(error) ? fatalCodes.get(error.code) : undefined
    if (!isClose(error) || code === undefined) throw error
    throw new OperationError([{ message: error.reason, ...(code !== null && { extensions: { code } }) }])
  } finally {
    options.signal.removeEventListener('abort', stop)
    stop()
  }
}

function isClose(error: unknown): error is { code: number; reason: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'reason' in error
}
