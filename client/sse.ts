import { createClient, NetworkError } from 'graphql-sse'
import { type Frame, type OpenOptions, readRefusal, UnavailableError, withResume } from './frame.ts'
import { createRetryReader, readRetryAfter } from './retry-after.ts'

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
function watched(response: Response, { onOpen, onSign, onRetry }: OpenOptions): Response {
  if (!response.ok || response.body === null) return response
  if (response.headers.get('content-type')?.includes('text/event-stream') !== true) {
    throw new Error('Something between here and the server answered in its place.')
  }
  // The stock client passes over the field `retry`.
  const readRetry = createRetryReader(onRetry)
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      onOpen()
      onSign()
      readRetry(chunk)
      controller.enqueue(chunk)
    },
  })
  return new Response(response.body.pipeThrough(watch), { status: response.status, headers: response.headers })
}

/** What an answer that is no event stream means: a refusal of the server, or its failure, or a proxy's; `null` for no answer. */
async function refusalIn(response: unknown): Promise<Error | null> {
  if (!(response instanceof Response)) return null
  const retryAfterSeconds = readRetryAfter(response)
  const failure = new UnavailableError(response.status, retryAfterSeconds)
  if (response.status >= 500) return failure
  return readRefusal(await response.json().catch(() => null), retryAfterSeconds) ?? failure
}
