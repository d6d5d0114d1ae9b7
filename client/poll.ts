import { type Frame, type OpenOptions, readRefusal, UnavailableError, withResume } from './frame.ts'
import { readRetryAfter } from './retry-after.ts'

interface Page {
  readonly items?: readonly { readonly payload: Frame }[]
  readonly cursor?: string
  readonly closed?: boolean
}

/** The longest that the server may hold a request, in ms. */
const longestWaitMs = 20_000

/** Frames over long polling: one request after another, each with the cursor of the one before. */
export async function* poll(options: OpenOptions): AsyncIterable<Frame> {
  let { after } = options.resume
  // The first answer comes at once: it tells whether the server takes the operation up.
  let waitMs = 0
  for (;;) {
    const response = await fetch(options.url, {
      method: 'POST',
      headers: {
        ...(await options.headers()),
        'content-type': 'application/json',
        accept: 'application/vnd.millrace.poll+json',
      },
      body: JSON.stringify(withResume(options.operation, { ...options.resume, after }, { poll: { waitMs } })),
      signal: options.signal,
    })
    options.onSign()
    const page = await readPage(response)
    waitMs = longestWaitMs
    options.onOpen()
    for (const { payload } of page.items ?? []) yield payload
    after = page.cursor ?? after
    if (page.closed === true) return
  }
}

/** Throws the server's refusal, or what a proxy answered in its place. */
async function readPage(response: Response): Promise<Page> {
  if (response.status === 204) {
    const cursor = response.headers.get('millrace-cursor')
    return cursor === null ? {} : { cursor }
  }
  if (response.status >= 500) {
    await response.body?.cancel()
    throw new UnavailableError(response.status, readRetryAfter(response))
  }
  // Written by our own server; a proxy's page in its place is no JSON.
  const body = (await response.json().catch(() => null)) as Page | null
  if (response.ok && Array.isArray(body?.items)) return body
  const retryAfterSeconds = readRetryAfter(response)
  throw readRefusal(body, retryAfterSeconds) ?? new UnavailableError(response.status, retryAfterSeconds)
}
