import { type Frame, type OpenOptions, OperationError, withCursor } from './frame.ts'

interface Page {
  readonly items?: readonly { readonly payload: Frame }[]
  readonly cursor?: string
  readonly closed?: boolean
  readonly errors?: Frame['errors']
}

/** The longest that the server may hold a request, in ms. */
const longestWaitMs = 20_000

/** Frames over long polling: one request after another, each with the cursor of the one before. */
export async function* poll(options: OpenOptions): AsyncIterable<Frame> {
  let after = options.after
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
      body: JSON.stringify(withCursor(options.operation, after, { poll: { waitMs } })),
      signal: options.signal,
    })
    if (response.ok) {
      waitMs = longestWaitMs
      options.onOpen()
    }
    after = response.headers.get('millrace-cursor') ?? after
    if (response.status === 204) continue
    if (response.status === 429 || response.status >= 500) throw new Error(`The server answered ${response.status}.`)
    // Written by our own server; a proxy's page in its place is no JSON and throws.
    const page = (await response.json()) as Page
    if (page.items === undefined) throw new OperationError(page.errors ?? [])
    for (const { payload } of page.items) yield payload
    after = page.cursor ?? after
    if (page.closed === true) return
  }
}
