import { createClient, NetworkError } from 'graphql-sse'
import { type Frame, type OpenOptions, OperationError, withCursor } from './frame.ts'

/** Frames over Server-Sent Events, by the stock graphql-sse client in distinct connections mode. */
export async function* sse(options: OpenOptions): AsyncIterable<Frame> {
  const client = createClient({
    url: options.url,
    headers: async () => ({ ...(await options.headers()) }),
    retryAttempts: 0,
    on: { connected: options.onOpen },
  })
  const stop = () => client.dispose()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    // The result type of the library is the generic form of a frame.
    for await (const frame of client.iterate(withCursor(options.operation, options.after))) yield frame as Frame
  } catch (error) {
    if (error instanceof NetworkError && isRefusal(error.response)) {
      throw new OperationError([{ message: `The server answered ${error.response.status}.` }])
    }
    throw error
  } finally {
    options.signal.removeEventListener('abort', stop)
    stop()
  }
}

/** An answer that another try would not change; 429 and 503 ask for one. */
function isRefusal(response: unknown): response is { status: number } {
  if (typeof response !== 'object' || response === null || !('status' in response)) return false
  return Number(response.status) < 500 && response.status !== 429
}
