import { createClient, NetworkError } from 'graphql-sse'
import { type Frame, type OpenOptions, type OperationError, readRefusal, withResume } from './frame.ts'

/** Frames over Server-Sent Events, by the stock graphql-sse client in distinct connections mode. */
export async function* sse(options: OpenOptions): AsyncIterable<Frame> {
  const client = createClient({
    url: options.url,
    headers: async () => ({ ...(await options.headers()) }),
    retryAttempts: 0,
    fetchFn: async (...request: Parameters<typeof fetch>) => watched(await fetch(...request), options),
  })
  const stop = () => client.dispose()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    // The result type of the library is the generic form of a frame.
    for await (const frame of client.iterate(withResume(options.operation, options.resume))) yield frame as Frame
  } catch (error) {
    throw (error instanceof NetworkError ? await refusalIn(error.response) : null) ?? error
  } finally {
    options.signal.removeEventListener('abort', stop)
    stop()
  }
}

/**
 * The answer, of which each piece is a sign of life. The server sends a comment at once: only with its first bytes is the
 * stream open, since a proxy may pass the head on and hold the rest back.
 */
function watched(response: Response, { onOpen, onSign }: OpenOptions): Response {
  if (!response.ok || response.body === null) return response
  if (response.headers.get('content-type')?.includes('text/event-stream') !== true) {
    throw new Error('Something between here and the server answered in its place.')
  }
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      onOpen()
      onSign()
      controller.enqueue(chunk)
    },
  })
  return new Response(response.body.pipeThrough(watch), { status: response.status, headers: response.headers })
}

/** The server's refusal in an answer; `null` for a proxy's, or for a failure of the server. */
async function refusalIn(response: unknown): Promise<OperationError | null> {
  if (!(response instanceof Response) || response.status >= 500) return null
  return readRefusal(await response.json().catch(() => null))
}
