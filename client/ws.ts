import { createClient } from 'graphql-ws'
import { type Frame, type OpenOptions, OperationError, withCursor } from './frame.ts'

/** Close codes of graphql-transport-ws servers after which it is no use to come back. */
const fatalCodes = [4400, 4401, 4403, 4406]

/** Frames over a WebSocket of their own, by the stock graphql-ws client. */
export async function* ws(options: OpenOptions): AsyncIterable<Frame> {
  const client = createClient({
    url: options.url.replace(/^http/, 'ws'),
    connectionParams: async () => ({ ...(await options.headers()) }),
    retryAttempts: 0,
    connectionAckWaitTimeout: 4_000,
  })
  const frames = client.iterate(withCursor(options.operation, options.after))
  const stop = () => void client.dispose()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    // The result type of the library is the generic form of a frame.
    for await (const frame of frames) yield frame as Frame
  } catch (error) {
    if (Array.isArray(error)) throw new OperationError(error)
    if (isClose(error) && fatalCodes.includes(error.code)) throw new OperationError([{ message: error.reason }])
    throw error
  } finally {
    options.signal.removeEventListener('abort', stop)
    stop()
  }
}

function isClose(error: unknown): error is { code: number; reason: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'reason' in error
}
