import { createClient } from 'graphql-ws'
import { type Frame, type OpenOptions, OperationError, withResume } from './frame.ts'

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

/** How often the server is asked for a sign of life, in ms: a page does not see the pings of the protocol below. */
const pingMs = 20_000

/** Frames over a WebSocket of their own, by the stock graphql-ws client. */
export async function* ws(options: OpenOptions): AsyncIterable<Frame> {
  const headers = await options.headers()
  let isOpen = false
  const client = createClient({
    url: options.url.replace(/^http/, 'ws'),
    connectionParams: { ...headers },
    retryAttempts: 0,
    keepAlive: pingMs,
    on: {
      connected() {
        isOpen = true
        options.onOpen()
      },
      message: options.onSign,
    },
  })
  const frames = client.iterate(withResume(options.operation, options.resume))
  // A socket that is not open yet would first have to open to be closed in form.
  const stop = () => (isOpen ? void client.dispose() : client.terminate())
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    // The result type of the library is the generic form of a frame.
    for await (const frame of frames) yield frame as Frame
  } catch (error) {
    if (Array.isArray(error)) throw new OperationError(error)
    const code = isClose(error) ? fatalCodes.get(error.code) : undefined
    if (isClose(error) && code !== undefined) {
      throw new OperationError([{ message: error.reason, ...(code !== null && { extensions: { code } }) }])
    }
    throw error instanceof Error ? error : new Error(whatFailed(error))
  } finally {
    options.signal.removeEventListener('abort', stop)
    stop()
  }
}

function isClose(error: unknown): error is { code: number; reason: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'reason' in error
}

/** What the socket tells with an event instead of an error. */
function whatFailed(event: unknown): string {
  return isClose(event) ? `The WebSocket was closed with ${event.code}.` : 'The WebSocket could not be opened.'
}
