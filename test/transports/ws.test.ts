import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../support/eventually.ts'
import { openCuttableProxy } from '../support/cuttable-proxy.ts'
import { openStreamServer } from '../support/open-stream-server.ts'
import { openAcknowledged, openRawSocket, type RawSocket } from '../support/raw-socket.ts'

const query = 'subscription { counter(topic: "c") { n } }'
const whoAmI = '{ whoAmI }'

function subscribe(raw: RawSocket, id: string, payload: Record<string, unknown> = { query }): void {
  raw.send({ id, type: 'subscribe', payload })
}

describe('a socket', () => {
  it('is opened without compression for the subprotocol graphql-transport-ws, and for no other', async () => {
    await using server = await openStreamServer()
    const good = await openAcknowledged(server.url)
    expect([good.socket.protocol, good.socket.extensions]).toEqual(['graphql-transport-ws', ''])
    good.socket.close()
    const none = await openRawSocket(server.url, { protocol: null })
    expect((await none.closed).code).toBe(4406)
    await expect(openRawSocket(server.url, { protocol: 'graphql-ws' })).rejects.toThrow('no subprotocol')
  })

  it('is refused to a page of a foreign origin before it is opened', async () => {
    await using server = await openStreamServer()
    const refused = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws', {
      origin: 'http://evil.example',
    })
    const answer = await new Promise<IncomingMessage>((resolve) => {
      refused.on('unexpected-response', (_request, response) => resolve(response))
    })
    expect(answer.statusCode).toBe(403)
    const { errors } = (await json(answer)) as { errors: unknown }
    expect(errors).toMatchObject([{ extensions: { code: 'ORIGIN_REFUSED' } }])
    const allowed = await openAcknowledged(server.url, {}, { headers: { origin: 'http://good.example' } })
    allowed.socket.close()
  })

  it('that does not introduce itself in time is closed with 4408', async () => {
    await using server = await openStreamServer({ limits: { initWaitMs: 50 } })
    expect((await (await openRawSocket(server.url)).closed).code).toBe(4408)
  })

  it('that subscribes before it was acknowledged is closed with 4401, and one that introduces itself twice with 4429', async () => {
    await using server = await openStreamServer()
    const early = await openRawSocket(server.url)
    subscribe(early, '1')
    expect((await early.closed).code).toBe(4401)
    const twice = await openAcknowledged(server.url)
    twice.send({ type: 'connection_init' })
    expect((await twice.closed).code).toBe(4429)
  })

  it('is closed with 4400 for what is no message, and with 1009 for one that is too large', async () => {
    await using server = await openStreamServer({ limits: { maxMessageBytes: 1_000 } })
    for (const text of [
      '',
      'nonsense',
      '[]',
      '{}',
      '{"type":"subscribe","id":7}',
      '{"type":"subscribe","id":"1","payload":{}}',
    ]) {
      const raw = await openAcknowledged(server.url)
      raw.send(text)
      expect((await raw.closed).code).toBe(4400)
    }
    const raw = await openAcknowledged(server.url)
    raw.send({ type: 'ping', payload: { text: 'x'.repeat(1_000) } })
    expect((await raw.closed).code).toBe(1009)
  })

  it('that does not answer pings any more is cut off', async () => {
    await using server = await openStreamServer({ limits: { keepAliveMs: 400 } })
    await using proxy = await openCuttableProxy(server.port)
    const raw = await openAcknowledged(`http://127.0.0.1:${proxy.port}/graphql`)
    subscribe(raw, '1')
    await raw.next()
    // As long as it answers, it stays.
    await new Promise((resolve) => raw.socket.once('ping', () => raw.socket.once('ping', resolve)))
    expect(server.openStreams).toBe(1)
    proxy.stall()
    await eventually(() => server.openStreams === 0)
  })
})

describe('who a socket is for', () => {
  const who = async (raw: RawSocket) => {
    subscribe(raw, 'w', { query: whoAmI })
    const { payload } = await raw.next()
    return (payload as { data: { whoAmI: string | null } }).data.whoAmI
  }

  it('is told by connection_init, else by the headers of the upgrade', async () => {
    await using server = await openStreamServer()
    const headers = { cookie: 'session=user-cookie' }
    const sockets = [
      await openAcknowledged(server.url),
      await openAcknowledged(server.url, undefined, { headers }),
      await openAcknowledged(server.url, { authorization: 'Bearer user-a' }, { headers }),
      await openAcknowledged(server.url, { Authorization: 'bearer user-b' }),
      await openAcknowledged(server.url, { 'X-Api-Key': 'user-key' }),
      await openAcknowledged(server.url, { authorization: null, other: {} }, { headers }),
    ]
    expect(await Promise.all(sockets.map(who))).toEqual([
      null,
      'user-cookie',
      'user-a',
      'user-b',
      'user-key',
      'user-cookie',
    ])
    for (const { socket } of sockets) socket.close()
  })

  it.each([
    { authorization: 'Bearer wrong' },
    { authorization: 'Basic dXNlcjp4' },
    { authorization: 'user-a' },
    { authorization: { token: 'user-a' } },
    { 'x-api-key': 7 },
    { 'x-api-key': 'wrong' },
  ])('is not told by %j: closed with 4403, after which the client may come with something better', async (payload) => {
    await using server = await openStreamServer()
    const raw = await openRawSocket(server.url)
    raw.send({ type: 'connection_init', payload })
    expect((await raw.closed).code).toBe(4403)
  })

  it('has ended for good: closed with 4401, after which the stock client stays away', async () => {
    await using server = await openStreamServer()
    server.revoked.add('user-a')
    const raw = await openRawSocket(server.url)
    raw.send({ type: 'connection_init', payload: { authorization: 'Bearer user-a' } })
    expect(await raw.closed).toEqual({ code: 4401, reason: 'This session is over.' })
  })

  it('is asked again for each operation', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url, { authorization: 'Bearer user-a' })
    expect(await who(raw)).toBe('user-a')
    server.revoked.add('user-a')
    subscribe(raw, '2')
    expect((await raw.closed).code).toBe(4401)
    await eventually(() => server.openStreams === 0)
  })
})

describe('an operation', () => {
  it('that is not valid is answered with `error`, one that fails with `next` and `complete`', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url)
    subscribe(raw, '1', { query: 'subscription { nothing }' })
    expect(await raw.next()).toMatchObject({
      id: '1',
      type: 'error',
      payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    })
    subscribe(raw, '2', { query: 'subscription { secret { n } }' })
    expect(await raw.next()).toMatchObject({
      id: '2',
      type: 'next',
      payload: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    })
    expect(await raw.next()).toEqual({ id: '2', type: 'complete' })
    subscribe(raw, '3', { query, extensions: { resume: 'here' } })
    expect(await raw.next()).toMatchObject({
      id: '3',
      type: 'error',
      payload: [{ extensions: { code: 'BAD_REQUEST' } }],
    })
    raw.socket.close()
  })

  it('carries nothing in its errors that is meant for HTTP', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url)
    subscribe(raw, '1', { query: '{ fail }' })
    const { payload } = await raw.next()
    expect(payload).toEqual({
      data: { fail: null },
      errors: [
        {
          message: expect.stringContaining('went wrong on our side'),
          locations: [{ line: 1, column: 3 }],
          path: ['fail'],
          extensions: { code: 'INTERNAL', requestId: expect.stringMatching(/\.1$/) },
        },
      ],
    })
    raw.socket.close()
  })

  it('ends with `complete` from its client, and its id can be used again', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url)
    for (const n of [1, 2]) {
      subscribe(raw, '1')
      expect(await raw.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { counter: { n: n - 1 } } } })
      raw.send({ id: '1', type: 'complete' })
      await eventually(() => server.openStreams === 0)
      await server.count('c', 1)
    }
    raw.socket.close()
  })

  it('is one of a bounded number on its socket', async () => {
    await using server = await openStreamServer({ limits: { maxOperations: 2 } })
    const raw = await openAcknowledged(server.url)
    for (const id of ['1', '2']) {
      subscribe(raw, id)
      expect(await raw.next()).toMatchObject({ id, type: 'next' })
    }
    subscribe(raw, '3')
    expect(await raw.next()).toMatchObject({
      id: '3',
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS' } }],
    })
    raw.send({ id: '1', type: 'complete' })
    await eventually(() => server.openStreams === 1)
    subscribe(raw, '3')
    expect(await raw.next()).toMatchObject({ id: '3', type: 'next' })
    raw.socket.close()
  })

  it('with an id that is in use closes the socket with 4409', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url)
    subscribe(raw, '1')
    subscribe(raw, '1')
    expect((await raw.closed).code).toBe(4409)
    await eventually(() => server.openStreams === 0)
  })

  it('leaves nothing open when the socket closes, however early', async () => {
    await using server = await openStreamServer()
    for (let round = 0; round < 20; round += 1) {
      const raw = await openAcknowledged(server.url)
      for (const id of ['1', '2', '3']) subscribe(raw, id)
      if (round % 2 === 0) await raw.next()
      raw.socket.terminate()
    }
    await eventually(() => server.openStreams === 0)
    await server.count('c', 1)
    expect(server.logger.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})

describe('a server that stops', () => {
  it('closes its sockets with 1012, after which clients come back, and opens no new ones', async () => {
    await using server = await openStreamServer()
    const sockets = await Promise.all([1, 2, 3].map(() => openAcknowledged(server.url)))
    for (const raw of sockets) {
      subscribe(raw, '1')
      await raw.next()
    }
    await server.doors.ws.close(200)
    for (const { closed } of sockets) expect((await closed).code).toBe(1012)
    expect(server.openStreams).toBe(0)
    await expect(openRawSocket(server.url)).rejects.toThrow('503')
  })

  it('cuts off who does not close in time', async () => {
    await using server = await openStreamServer()
    await using proxy = await openCuttableProxy(server.port)
    const raw = await openAcknowledged(`http://127.0.0.1:${proxy.port}/graphql`)
    subscribe(raw, '1')
    await raw.next()
    proxy.stall()
    await server.doors.ws.close(100)
    await eventually(() => server.openStreams === 0)
  })
})
