import { describe, expect, it } from 'vitest'
import { countUp } from '../support/counter-schema.ts'
import { eventually } from '../support/eventually.ts'
import { openStreamServer, type StreamServer } from '../support/open-stream-server.ts'

const watchC = 'subscription { counter(topic: "c") { n } }'

interface Extensions {
  readonly resume?: unknown
  readonly poll?: unknown
}

function poll(server: StreamServer, extensions: Extensions = {}, more: object = {}, init: RequestInit = {}) {
  return fetch(server.url, {
    method: 'POST',
    headers: { accept: 'application/vnd.millrace.poll+json', 'content-type': 'application/json' },
    body: JSON.stringify({ query: watchC, extensions, ...more }),
    ...init,
  })
}

/** Cursors stand before the event that they were given with. */
async function cursorOf(response: Response): Promise<string> {
  return response.status === 204 ? (response.headers.get('millrace-cursor') ?? '') : (await response.json()).cursor
}

describe('a poll', () => {
  it('without a cursor gives the present state at once', async () => {
    await using server = await openStreamServer()
    await server.count('c', 2)
    const response = await poll(server)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/vnd.millrace.poll+json; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const answer = await response.json()
    expect(answer).toEqual({
      items: [
        {
          cursor: answer.cursor,
          payload: {
            data: { counter: { n: 2 } },
            extensions: { resume: { cursor: answer.cursor, status: 'fresh', gap: false, replayed: 0 } },
          },
        },
      ],
      cursor: expect.stringMatching(/^c1\./),
      upToDate: true,
      closed: false,
    })
    expect(server.openStreams).toBe(0)
  })

  it('waits for the next event, and answers with it', async () => {
    await using server = await openStreamServer()
    const after = await cursorOf(await poll(server))
    const waiting = poll(server, { resume: { after }, poll: { waitMs: 10_000 } })
    await eventually(() => server.openStreams === 1)
    await server.count('c', 1)
    const answer = await (await waiting).json()
    expect(answer.items).toMatchObject([{ payload: { data: { counter: { n: 1 } } } }])
    expect(answer).toMatchObject({ cursor: answer.items[0].cursor, upToDate: true, closed: false })
  })

  it('to which nothing happens in time answers 204 with the cursor in a header', async () => {
    await using server = await openStreamServer()
    const after = await cursorOf(await poll(server))
    for (const waitMs of [0, 50]) {
      const response = await poll(server, { resume: { after }, poll: { waitMs } })
      expect([response.status, await response.text()]).toEqual([204, ''])
      expect(response.headers.get('millrace-cursor')).toBe(after)
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
    expect(server.openStreams).toBe(0)
  })

  it('gives no more events than asked for, and says that there are more', async () => {
    await using server = await openStreamServer()
    await server.count('c', 5)
    const seen: unknown[] = []
    let after = 'earliest'
    for (const upToDate of [false, false, true]) {
      const answer = await (await poll(server, { resume: { after }, poll: { max: 2 } })).json()
      seen.push(
        ...answer.items.map((item: { payload: { data: { counter: { n: number } } } }) => item.payload.data.counter.n),
      )
      expect(answer.upToDate).toBe(upToDate)
      after = answer.cursor
    }
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  it('gives what there is without waiting, although it asks for more', async () => {
    await using server = await openStreamServer()
    await server.count('c', 3)
    const answer = await (
      await poll(server, { resume: { after: 'earliest' }, poll: { waitMs: 30_000, max: 100 } })
    ).json()
    expect(answer.items).toHaveLength(3)
  })

  it('stops before an answer grows without bound', async () => {
    await using server = await openStreamServer()
    for (let n = 0; n < 30; n += 1) await countUp(server.store, 'c', { text: 'x'.repeat(100_000) })
    const query = 'subscription { counter(topic: "c") { text } }'
    const answer = await (await poll(server, { resume: { after: 'earliest' } }, { query })).json()
    expect(answer.items).toHaveLength(11)
    expect(answer.upToDate).toBe(false)
  })

  it('is closed by the last event, and after it', async () => {
    await using server = await openStreamServer()
    await server.count('c', 1)
    await countUp(server.store, 'c', { last: true })
    const ending = await (await poll(server, { resume: { after: 'earliest' } })).json()
    expect(ending).toMatchObject({ items: [{}, {}], upToDate: true, closed: true })
    const response = await poll(server, { resume: { after: ending.cursor }, poll: { waitMs: 30_000 } })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ items: [], cursor: ending.cursor, upToDate: true, closed: true })
  })

  it('that is answered by another process needs nothing but its cursor', async () => {
    await using server = await openStreamServer()
    const after = await cursorOf(await poll(server))
    await server.count('c', 3)
    const both = await Promise.all([poll(server, { resume: { after } }), poll(server, { resume: { after } })])
    const [one, two] = await Promise.all(both.map((response) => response.json()))
    expect(one).toEqual(two)
    expect(one.items).toHaveLength(3)
  })

  it('frees everything when its client goes while it waits', async () => {
    await using server = await openStreamServer()
    const after = await cursorOf(await poll(server))
    const gone = new AbortController()
    const waiting = poll(server, { resume: { after }, poll: { waitMs: 30_000 } }, {}, { signal: gone.signal })
    await eventually(() => server.openStreams === 1)
    gone.abort()
    await expect(waiting).rejects.toThrow('aborted')
    await eventually(() => server.openStreams === 0)
  })
})

describe('a poll that cannot be answered', () => {
  const other = 'c1.AAAAAAAAAAAA.1'
  const cases = [
    {
      name: 'a malformed cursor',
      extensions: { resume: { after: 'c1.nonsense' } },
      status: 400,
      code: 'CURSOR_INVALID',
    },
    {
      name: 'a cursor of another log',
      extensions: { resume: { after: other, onGap: 'error' } },
      status: 410,
      code: 'CURSOR_EPOCH',
    },
    { name: 'a wait that is too long', extensions: { poll: { waitMs: 30_001 } }, status: 400, code: 'BAD_REQUEST' },
    { name: 'a wait that is no number', extensions: { poll: { waitMs: '5' } }, status: 400, code: 'BAD_REQUEST' },
    { name: 'no events at all', extensions: { poll: { max: 0 } }, status: 400, code: 'BAD_REQUEST' },
    { name: 'a poll that is no object', extensions: { poll: [] }, status: 400, code: 'BAD_REQUEST' },
    {
      name: 'a topic that is not there',
      query: 'subscription { counter(topic: "x") { n } }',
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'a field that is not allowed',
      query: 'subscription { secret { n } }',
      status: 401,
      code: 'UNAUTHENTICATED',
    },
    { name: 'our own failure', query: 'subscription { broken { n } }', status: 500, code: 'INTERNAL' },
    { name: 'no operation', query: '', status: 400, code: 'GRAPHQL_PARSE_FAILED' },
  ]

  it.each(cases)('for $name is HTTP $status with $code', async ({ status, code, extensions = {}, query = watchC }) => {
    await using server = await openStreamServer()
    const response = await poll(server, extensions, { query })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8')
    expect((await response.json()).errors).toMatchObject([{ extensions: { code } }])
    expect(server.openStreams).toBe(0)
  })

  it('for its method is HTTP 405', async () => {
    await using server = await openStreamServer()
    const response = await fetch(server.url, { headers: { accept: 'application/vnd.millrace.poll+json' } })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('for what was forgotten meanwhile is HTTP 410 only when nothing was collected', async () => {
    await using server = await openStreamServer()
    await server.count('c', 5)
    await server.store.write(({ log }) => log.trim('c', 3))
    const [head] = [await server.store.read(({ log }) => log.head('c'))]
    const after = `c1.${head?.epoch}.1`
    const refused = await poll(server, { resume: { after, onGap: 'error' } })
    expect([refused.status, (await refused.json()).errors[0].extensions.code]).toEqual([410, 'CURSOR_EXPIRED'])
    const told = await (await poll(server, { resume: { after } })).json()
    expect(told.items[0].payload.extensions.resume).toMatchObject({ status: 'snapshot', gap: true })
  })
})

describe('a query or mutation with the media type of polls', () => {
  it('is answered as plain GraphQL over HTTP', async () => {
    await using server = await openStreamServer()
    const response = await poll(server, {}, { query: 'mutation { count(topic: "c") }' })
    expect(response.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8')
    expect(await response.json()).toEqual({ data: { count: 1 } })
  })

  it('has the status of its errors, and no cursor', async () => {
    await using server = await openStreamServer()
    const failed = await poll(server, {}, { query: '{ hello fail }' })
    expect(failed.status).toBe(200)
    expect(await failed.json()).toMatchObject({
      data: { hello: 'world', fail: null },
      errors: [{ path: ['fail'], extensions: { code: 'INTERNAL' } }],
    })
    const invalid = await poll(server, {}, { query: 'mutation { nothing }' })
    expect([invalid.status, invalid.headers.get('millrace-cursor')]).toEqual([400, null])
  })

  it('is not run where what it says of polls is malformed', async () => {
    await using server = await openStreamServer()
    const response = await poll(server, { poll: { max: 0 } }, { query: 'mutation { count(topic: "c") }' })
    expect(response.status).toBe(400)
    expect(await server.store.read(({ log }) => log.head('c'))).toMatchObject({ offset: 0 })
  })

  it('cannot be sent with GET', async () => {
    await using server = await openStreamServer()
    const search = new URLSearchParams({ query: 'mutation { count(topic: "c") }' })
    const response = await fetch(`${server.url}?${search}`, {
      headers: { accept: 'application/vnd.millrace.poll+json' },
    })
    expect(response.status).toBe(405)
    expect(await server.store.read(({ log }) => log.head('c'))).toMatchObject({ offset: 0 })
  })
})

describe('a server that stops', () => {
  it('answers the polls that wait, and takes no new ones', async () => {
    await using server = await openStreamServer()
    const after = await cursorOf(await poll(server))
    const waiting = [1, 2, 3].map(() => poll(server, { resume: { after }, poll: { waitMs: 30_000 } }))
    await eventually(() => server.openStreams === 3)
    await server.doors.poll.close(100)
    for (const response of await Promise.all(waiting)) {
      expect([response.status, response.headers.get('millrace-cursor')]).toEqual([204, after])
    }
    const late = await poll(server, { resume: { after } })
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1'])
  })
})
