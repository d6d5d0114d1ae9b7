import { describe, expect, it } from 'vitest'
import { countUp } from '../support/counter-schema.ts'
import { openCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { openStreamServer, type StreamServer } from '../support/open-stream-server.ts'
import { openRawSse, type RawSse } from '../support/raw-sse.ts'

const watchC = 'subscription { counter(topic: "c") { n } }'

/** Opens an operation with GET, as a native EventSource does. */
function get(server: Pick<StreamServer, 'url'>, params: Record<string, string>, headers: Record<string, string> = {}) {
  return openRawSse(`${server.url}?${new URLSearchParams({ query: watchC, ...params })}`, { headers })
}

function post(server: Pick<StreamServer, 'url'>, body: object, headers: Record<string, string> = {}): Promise<RawSse> {
  return openRawSse(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

const watchText = 'subscription { counter(topic: "c") { text } }'

const numberOf = (block: Readonly<Record<string, string>>) => JSON.parse(block['data'] ?? '').data.counter.n
const codeOf = (text: string) => JSON.parse(text).errors[0].extensions.code

describe('an event stream', () => {
  it('has the headers that keep proxies from holding it back, and begins with `retry` and a comment', async () => {
    await using server = await openStreamServer()
    const sse = await get(server, {})
    expect(sse.response.status).toBe(200)
    expect(Object.fromEntries(sse.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    expect(await sse.next()).toEqual({ retry: '1000', '': '' })
    sse.close()
  })

  it('gives each logged event its cursor as `id`, the same as in the payload', async () => {
    await using server = await openStreamServer()
    const sse = await get(server, {})
    const first = await sse.nextEvent()
    expect(Object.keys(first)).toEqual(['id', 'event', 'data'])
    expect(JSON.parse(first['data'] ?? '')).toEqual({
      data: { counter: { n: 0 } },
      extensions: { resume: { cursor: first['id'], status: 'fresh', gap: false, replayed: 0 } },
    })
    await server.count('c', 1)
    const second = await sse.nextEvent()
    expect(JSON.parse(second['data'] ?? '')).toEqual({
      data: { counter: { n: 1 } },
      extensions: { resume: { cursor: second['id'] } },
    })
    sse.close()
  })

  it('ends with `complete`, which has no id, after the last event of the log', async () => {
    await using server = await openStreamServer()
    await countUp(server.store, 'c', { last: true })
    const events = await (await get(server, { after: 'earliest' })).rest()
    expect(events).toMatchObject([{ event: 'next' }, { event: 'complete', data: '' }])
    expect(events[1]).not.toHaveProperty('id')
  })

  it('sends a comment again and again while nothing happens', async () => {
    await using server = await openStreamServer({ times: { heartbeatMs: 20 } })
    const sse = await get(server, {})
    await sse.nextEvent()
    for (let beat = 0; beat < 3; beat += 1) expect(await sse.next()).toEqual({ '': '' })
    sse.close()
  })

  it('frees everything when its client goes', async () => {
    await using server = await openStreamServer()
    const sse = await get(server, {})
    await sse.nextEvent()
    expect(server.openStreams).toBe(1)
    sse.close()
    await eventually(() => server.openStreams === 0)
  })

  it('is cut off when its client takes nothing for too long', async () => {
    await using server = await openStreamServer({ times: { stallMs: 100, heartbeatMs: 20 } })
    await using proxy = await openCuttableProxy(server.port)
    const sse = await get({ url: `http://127.0.0.1:${proxy.port}/graphql` }, { query: watchText })
    await sse.nextEvent()
    proxy.stall()
    const text = 'x'.repeat(100_000)
    for (let n = 0; n < 100; n += 1) await countUp(server.store, 'c', { text })
    await eventually(() => server.openStreams === 0)
    sse.close()
  })
})

describe('the place where an event stream starts', () => {
  it('is `Last-Event-ID` before `extensions.resume.after` before `?after=`', async () => {
    await using server = await openStreamServer()
    const sse = await get(server, { after: 'earliest' })
    await server.count('c', 3)
    const [one, two] = [await sse.nextEvent(), await sse.nextEvent()]
    sse.close()
    const extensions = JSON.stringify({ resume: { after: one['id'] } })
    const starts = [
      await get(server, { after: 'earliest' }),
      await get(server, { after: 'earliest', extensions }),
      await get(server, { after: 'earliest', extensions }, { 'last-event-id': two['id'] ?? '' }),
    ]
    const firsts = await Promise.all(starts.map(async (start) => numberOf(await start.nextEvent())))
    expect(firsts).toEqual([1, 2, 3])
    for (const start of starts) start.close()
  })

  it('may be in the address of a POST too', async () => {
    await using server = await openStreamServer()
    await server.count('c', 2)
    const sse = await post({ url: `${server.url}?after=earliest` }, { query: watchC })
    expect(numberOf(await sse.nextEvent())).toBe(1)
    sse.close()
  })

  it('at the end of a finished log answers a GET with 204, so that an EventSource stops, and a POST with `complete`', async () => {
    await using server = await openStreamServer()
    await countUp(server.store, 'c', { last: true })
    const [event] = await (await get(server, { after: 'earliest' })).rest()
    const lastEventId = { 'last-event-id': event?.['id'] ?? '' }
    expect((await get(server, {}, lastEventId)).response.status).toBe(204)
    expect(await (await post(server, { query: watchC }, lastEventId)).rest()).toEqual([{ event: 'complete', data: '' }])
    expect(server.openStreams).toBe(0)
  })
})

describe('a refusal before the stream opens', () => {
  const cases = [
    { name: 'a malformed cursor', params: { after: 'c1.nonsense' }, status: 400, code: 'CURSOR_INVALID' },
    {
      name: 'a cursor of another log under `onGap: error`',
      params: { extensions: '{"resume":{"after":"c1.AAAAAAAAAAAA.1","onGap":"error"}}' },
      status: 410,
      code: 'CURSOR_EPOCH',
    },
    {
      name: 'a wrong `onGap`',
      params: { extensions: '{"resume":{"onGap":"ignore"}}' },
      status: 400,
      code: 'BAD_REQUEST',
    },
    { name: 'a resume that is no object', params: { extensions: '{"resume":[]}' }, status: 400, code: 'BAD_REQUEST' },
    {
      name: 'a cursor that is no text',
      params: { extensions: '{"resume":{"after":7}}' },
      status: 400,
      code: 'CURSOR_INVALID',
    },
    { name: 'extensions that are no JSON', params: { extensions: '{' }, status: 400, code: 'BAD_REQUEST' },
    {
      name: 'a topic that is not there',
      params: { query: 'subscription { counter(topic: "x") { n } }' },
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'a field that is not allowed',
      params: { query: 'subscription { secret { n } }' },
      status: 401,
      code: 'UNAUTHENTICATED',
    },
    {
      name: 'a document that is not valid',
      params: { query: 'subscription { nothing }' },
      status: 400,
      code: 'GRAPHQL_VALIDATION_FAILED',
    },
    { name: 'an operation that is not there', params: { operationName: 'Other' }, status: 400, code: 'BAD_REQUEST' },
    {
      name: 'a mutation',
      params: { query: 'mutation { count(topic: "c") }' },
      status: 405,
      code: 'METHOD_NOT_ALLOWED',
    },
    { name: 'our own failure', params: { query: 'subscription { broken { n } }' }, status: 500, code: 'INTERNAL' },
  ]

  it.each(cases)(
    'of $name answers a GET with HTTP $status and $code, so that an EventSource stops',
    async ({ params, status, code }) => {
      await using server = await openStreamServer()
      const response = await fetch(`${server.url}?${new URLSearchParams({ query: watchC, ...params })}`, {
        headers: { accept: 'text/event-stream' },
      })
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8')
      expect(codeOf(await response.text())).toBe(code)
      expect(await server.store.read(({ log }) => log.head('c'))).toMatchObject({ offset: 0 })
      expect(server.openStreams).toBe(0)
    },
  )

  it('of a POST comes as `next` without an id and `complete`, since the stock client drops the body of other answers', async () => {
    await using server = await openStreamServer()
    const events = await (await post(server, { query: watchC, extensions: { resume: { after: '' } } })).rest()
    expect(events.map(({ event }) => event)).toEqual(['next', 'complete'])
    expect(events[0]).not.toHaveProperty('id')
    expect(codeOf(events[0]?.['data'] ?? '')).toBe('CURSOR_INVALID')
  })

  it('of a body that is no operation says what is wrong', async () => {
    await using server = await openStreamServer()
    for (const body of [[], [{ query: watchC }], {}, { query: 7 }, { query: watchC, variables: [] }]) {
      const [event] = await (await post(server, body)).rest()
      expect(codeOf(event?.['data'] ?? '')).toBe('BAD_REQUEST')
    }
  })
})

describe('a query', () => {
  it('comes as one `next` and `complete`, with GET too', async () => {
    await using server = await openStreamServer()
    const expected = [
      { event: 'next', data: '{"data":{"hello":"world"}}' },
      { event: 'complete', data: '' },
    ]
    expect(await (await get(server, { query: '{ hello }' })).rest()).toEqual(expected)
    expect(await (await post(server, { query: '{ hello }' })).rest()).toEqual(expected)
  })
})

describe('a server that stops', () => {
  it('ends its event streams without `complete`, asks to come back at different times, and takes no new ones', async () => {
    await using server = await openStreamServer()
    const streams = await Promise.all([1, 2, 3].map(() => get(server, {})))
    for (const sse of streams) await sse.nextEvent()
    await server.doors.sse.close(200)
    for (const sse of streams) {
      let block = await sse.next()
      while ('' in block) block = await sse.next()
      expect(Number(block['retry'])).toBeGreaterThan(0)
      expect(await sse.rest()).toEqual([])
    }
    const { response } = await get(server, {})
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect((await post(server, { query: watchC })).response.status).toBe(503)
    expect(server.openStreams).toBe(0)
  })

  it('cuts off who does not read in time', async () => {
    await using server = await openStreamServer()
    await using proxy = await openCuttableProxy(server.port)
    const sse = await get({ url: `http://127.0.0.1:${proxy.port}/graphql` }, { query: watchText })
    await sse.nextEvent()
    proxy.stall()
    const text = 'x'.repeat(100_000)
    for (let n = 0; n < 100; n += 1) await countUp(server.store, 'c', { text })
    await server.doors.sse.close(100)
    await eventually(() => server.openStreams === 0)
    sse.close()
  })
})
