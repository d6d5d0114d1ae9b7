import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/core/errors.ts'
import { eventually } from '../support/eventually.ts'
import { openStreamServer, type StreamServer } from '../support/open-stream-server.ts'
import { type Message, openAcknowledged, type RawSocket } from '../support/raw-socket.ts'
import { openRawSse } from '../support/raw-sse.ts'

const query = 'subscription { counter(topic: "c") { n } }'
const revoked = new Refusal('SESSION_REVOKED', 'This session is over.')
const expired = new Refusal('UNAUTHENTICATED', 'The token has expired.')

/** A socket with two streams that have opened. */
async function watchOverSocket(server: StreamServer, token: string): Promise<RawSocket> {
  const raw = await openAcknowledged(server.url, { authorization: `Bearer ${token}` })
  for (const id of ['1', '2']) {
    raw.send({ id, type: 'subscribe', payload: { query } })
    expect(await raw.next()).toMatchObject({ id, type: 'next' })
  }
  return raw
}

/** What comes on a socket until it is closed. */
async function restOf(raw: RawSocket): Promise<readonly Message[]> {
  const messages: Message[] = []
  try {
    for (;;) messages.push(await raw.next())
  } catch {
    return messages
  }
}

function request(token: string, accept: string, extensions: object = {}): RequestInit {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept }
  return { method: 'POST', headers, body: JSON.stringify({ query, extensions }) }
}

/** A poll that waits for what comes after the present. */
async function poll(server: StreamServer, token: string): Promise<Response> {
  const accept = 'application/vnd.millrace.poll+json'
  const first = await fetch(server.url, request(token, accept))
  const { cursor } = (await first.json()) as { cursor: string }
  return fetch(server.url, request(token, accept, { resume: { after: cursor }, poll: { waitMs: 10_000 } }))
}

describe('a socket whose credential ends', () => {
  it.each([
    [revoked, 4401, 'all'],
    [revoked, 4401, 'the last'],
    [expired, 4403, 'all'],
    [expired, 4403, 'the last'],
  ] as const)(
    'is closed by %s with %i, without a `complete` for its streams, when %s of them are told',
    async (why, code, told) => {
      await using server = await openStreamServer()
      const raw = await watchOverSocket(server, 'user-a')
      server.endCredential('user-a', why, told)
      expect(await restOf(raw)).toEqual([])
      expect(await raw.closed).toEqual({ code, reason: why.message })
      await eventually(() => server.openStreams === 0 && server.watches === 0)
    },
  )

  it('is closed, too, when there is no stream on it', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url, { authorization: 'Bearer user-a' })
    server.endCredential('user-a', revoked)
    expect((await raw.closed).code).toBe(4401)
  })

  it('runs nothing more that comes before the client has heard of it', async () => {
    await using server = await openStreamServer()
    const raw = await watchOverSocket(server, 'user-a')
    server.endCredential('user-a', revoked)
    raw.send({ id: '3', type: 'subscribe', payload: { query: 'mutation { count(topic: "other") }' } })
    await raw.closed
    expect(await server.store.read(({ log }) => log.head('other'))).toMatchObject({ offset: 0 })
  })

  it('does not touch those of others, nor of who is not signed in', async () => {
    await using server = await openStreamServer()
    const others = [await watchOverSocket(server, 'user-b'), await openAcknowledged(server.url)]
    others[1]?.send({ id: '1', type: 'subscribe', payload: { query } })
    await others[1]?.next()
    const raw = await watchOverSocket(server, 'user-a')
    server.endCredential('user-a', revoked)
    await raw.closed
    await server.count('c', 1)
    for (const other of others) {
      expect(await other.next()).toMatchObject({ type: 'next', payload: { data: { counter: { n: 1 } } } })
      other.socket.close()
    }
  })
})

describe('an event stream whose credential ends', () => {
  it.each([revoked, expired])('tells %s without an id, and completes', async (why) => {
    await using server = await openStreamServer()
    const sse = await openRawSse(server.url, request('user-a', 'text/event-stream'))
    await sse.nextEvent()
    server.endCredential('user-a', why)
    const [told, ...rest] = await sse.rest()
    expect(rest).toEqual([{ event: 'complete', data: '' }])
    expect(told).not.toHaveProperty('id')
    expect(JSON.parse(told?.['data'] ?? '')).toEqual({
      errors: [{ message: why.message, extensions: { code: why.code } }],
    })
    expect([server.openStreams, server.watches]).toEqual([0, 0])
  })

  it('does not touch those of others', async () => {
    await using server = await openStreamServer()
    const [own, other] = await Promise.all(
      ['user-a', 'user-b'].map((token) => openRawSse(server.url, request(token, 'text/event-stream'))),
    )
    await Promise.all([own?.nextEvent(), other?.nextEvent()])
    server.endCredential('user-a', revoked)
    await own?.rest()
    await server.count('c', 1)
    expect(await other?.nextEvent()).toMatchObject({ event: 'next', data: expect.stringContaining('"n":1') })
    other?.close()
  })
})

describe('a poll whose credential ends', () => {
  it.each([revoked, expired])('is answered with 401 by %s while it waits', async (why) => {
    await using server = await openStreamServer()
    const answer = poll(server, 'user-a')
    await eventually(() => server.openStreams === 1)
    server.endCredential('user-a', why)
    const response = await answer
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ errors: [{ message: why.message, extensions: { code: why.code } }] })
    expect([server.openStreams, server.watches]).toEqual([0, 0])
  })

  it('does not touch those of others', async () => {
    await using server = await openStreamServer()
    const [own, other] = [poll(server, 'user-a'), poll(server, 'user-b')]
    await eventually(() => server.openStreams === 2)
    server.endCredential('user-a', revoked)
    expect((await own).status).toBe(401)
    await server.count('c', 1)
    expect(await (await other).text()).toContain('"n":1')
  })
})

describe('the watch over a credential', () => {
  it('is one for each socket and one for each stream, and none is left when they are over', async () => {
    await using server = await openStreamServer()
    const raw = await watchOverSocket(server, 'user-a')
    expect(server.watches).toBe(3)
    raw.send({ id: '1', type: 'complete' })
    await eventually(() => server.watches === 2)
    const sse = await openRawSse(server.url, request('user-a', 'text/event-stream'))
    await sse.nextEvent()
    expect(server.watches).toBe(3)
    sse.close()
    await eventually(() => server.watches === 2)
    raw.socket.terminate()
    await eventually(() => server.watches === 0)
    await fetch(server.url, request('user-a', 'application/vnd.millrace.poll+json'))
    expect(server.watches).toBe(0)
  })

  it('is not left behind by sockets that go while they introduce themselves', async () => {
    await using server = await openStreamServer()
    for (let round = 0; round < 20; round += 1) {
      const raw = await openAcknowledged(server.url, { authorization: 'Bearer user-a' })
      raw.send({ id: '1', type: 'subscribe', payload: { query } })
      raw.socket.terminate()
    }
    await eventually(() => server.watches === 0)
  })

  it('ends with a stream that has come to its end, or is refused', async () => {
    await using server = await openStreamServer()
    const sse = await openRawSse(server.url, request('user-a', 'text/event-stream'))
    await sse.nextEvent()
    await server.store.write(({ log }) => log.append('c', { n: 1 }, { last: true }))
    expect((await sse.rest()).at(-1)).toMatchObject({ event: 'complete' })
    await eventually(() => server.watches === 0)
    const after = { resume: { after: 'nonsense' } }
    await (await openRawSse(server.url, request('user-a', 'text/event-stream', after))).rest()
    expect(server.watches).toBe(0)
  })
})
