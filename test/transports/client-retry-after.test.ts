import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../client/frame.ts'
import { transports } from '../../client/subscribe.ts'
import { serveLocally } from '../support/serve-locally.ts'

const errors = [{ message: 'Too much.', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 7 } }]

/** What comes over a transport from a server that answers so: frames, the times of `retry`, and how it ends. */
async function ask(name: 'sse' | 'poll', answer: (request: IncomingMessage, response: ServerResponse) => void) {
  await using server = await serveLocally(answer)
  const frames: Frame[] = []
  const retries: number[] = []
  const options = {
    url: `${server.origin}/graphql`,
    operation: { query: 'subscription { counter { n } }' },
    resume: { after: null, onGap: 'snapshot' },
    headers: async () => ({}),
    signal: new AbortController().signal,
    onOpen: () => undefined,
    onSign: () => undefined,
    onRetry: (ms: number) => void retries.push(ms),
  } as const
  let end: unknown = 'complete'
  try {
    for await (const frame of transports[name](options)) frames.push(frame)
  } catch (error) {
    end = error
  }
  return { frames, retries, end }
}

describe.each(['sse', 'poll'] as const)('over %s', (name) => {
  it('a refusal has what the header says', async () => {
    const { end } = await ask(name, (_, response) =>
      response
        .writeHead(429, { 'content-type': 'application/json', 'retry-after': '11' })
        .end(JSON.stringify({ errors })),
    )
    expect(end).toMatchObject({ name: 'OperationError', code: 'RATE_LIMITED', retryAfterSeconds: 11 })
  })

  it('a refusal has what its error says where the header cannot be read', async () => {
    const { end } = await ask(name, (_, response) =>
      response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ errors })),
    )
    expect(end).toMatchObject({ name: 'OperationError', retryAfterSeconds: 7 })
  })

  it.each([429, 502, 503])('a page that a proxy answers with %i has what its header says', async (status) => {
    const { end } = await ask(name, (_, response) =>
      response.writeHead(status, { 'content-type': 'text/html', 'retry-after': '30' }).end('<h1>Later</h1>'),
    )
    expect(end).toMatchObject({ name: 'UnavailableError', status, retryAfterSeconds: 30 })
  })
})

describe('an event stream', () => {
  it('tells each `retry` before it breaks', async () => {
    const { frames, retries, end } = await ask('sse', (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('retry: 1000\n:\n\nevent: next\ndata: {"data":{"n":1}}\n\n')
      // The server stops: no `complete`.
      response.end('retry: 2345\n\n')
    })
    expect([frames, retries]).toEqual([[{ data: { n: 1 } }], [1_000, 2_345]])
    expect(end).toBeInstanceOf(Error)
  })
})
