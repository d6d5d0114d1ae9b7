import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Refusal } from '../../src/core/errors.ts'
import { eventually } from '../support/eventually.ts'
import { openFakeStreams } from '../support/open-fake-streams.ts'
import { openStreamServer } from '../support/open-stream-server.ts'
import { openAcknowledged, openRawSocket, type RawSocket } from '../support/raw-socket.ts'

const query = 'subscription { counter(topic: "c") { n } }'
const increment = 'mutation { count(topic: "c") }'
const large = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } })

function subscribe(raw: RawSocket, id: string, text = query): void {
  raw.send({ id, type: 'subscribe', payload: { query: text } })
}

function complete(raw: RawSocket, id: string): void {
  raw.send({ id, type: 'complete' })
}

/** What comes before the answer to a ping, which is all that the messages sent before it have led to at once. */
async function untilPong(raw: RawSocket): Promise<readonly string[]> {
  const types = []
  raw.send({ type: 'ping' })
  for (let { type } = await raw.next(); type !== 'pong'; { type } = await raw.next()) types.push(type)
  return types
}

describe('a client that does not read', () => {
  it('is not read from either, and is cut off when it goes on so', async () => {
    await using server = await openStreamServer({ limits: { holdBytes: 65_536, stallMs: 300 } })
    const raw = await openRawSocket(server.url)
    raw.socket.pause()
    let taken = 0
    let lost = 0
    for (let sent = 0; sent < 1_000; sent += 1) {
      raw.socket.send(large, (error) => void (error === undefined || error === null ? (taken += 1) : (lost += 1)))
    }
    await eventually(() => taken + lost === 1_000, 10_000)
    // The system of each end holds some megabytes.
    expect(taken).toBeLessThan(500)
    expect((await raw.closed).code).toBe(1006)
  })

  it('is cut off although it sends pongs that answer no ping', async () => {
    await using server = await openStreamServer({ limits: { keepAliveMs: 100 } })
    const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws', { autoPong: false })
    socket.once('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('ping', () => socket.pong())
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1006)
  })
})

describe('operations under one id', () => {
  it('end with their `complete`, however fast they follow each other', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url)
    for (let round = 0; round < 50; round += 1) {
      subscribe(raw, '1')
      if (round < 49) complete(raw, '1')
    }
    expect(await raw.next()).toMatchObject({ id: '1', type: 'next' })
    complete(raw, '1')
    subscribe(raw, 'last')
    for (let { id } = await raw.next(); id !== 'last'; { id } = await raw.next());
    await eventually(() => server.openStreams === 1)
    await server.count('c', 1)
    expect(await raw.next()).toMatchObject({ id: 'last', type: 'next', payload: { data: { counter: { n: 1 } } } })
    raw.socket.terminate()
    await eventually(() => server.openStreams === 0)
  })

  it('may follow at once upon a `complete`, as the protocol has it', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url)
    subscribe(raw, '1')
    await raw.next()
    complete(raw, '1')
    subscribe(raw, '1', '{ hello }')
    expect(await raw.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { hello: 'world' } } })
    expect(await raw.next()).toEqual({ id: '1', type: 'complete' })
    raw.socket.close()
  })

  it('count for as long as they run, although their client has completed them', async () => {
    await using server = await openStreamServer({ limits: { maxOperations: 2 } })
    const raw = await openAcknowledged(server.url)
    const gate = Promise.withResolvers<void>()
    const blocked = server.store.write(() => gate.promise)
    for (let round = 0; round < 4; round += 1) {
      subscribe(raw, '1', increment)
      complete(raw, '1')
    }
    expect(await untilPong(raw)).toEqual(['error', 'error'])
    gate.resolve()
    await blocked
    // Nothing is sent for what was completed, and its place is free again.
    await eventually(async () => (await server.store.read(async ({ log }) => (await log.head('c'))?.offset)) === 2)
    expect(await untilPong(raw)).toEqual([])
    subscribe(raw, '1', increment)
    expect(await raw.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { count: 3 } } })
    raw.socket.close()
  })
})

describe('a message against the protocol', () => {
  it('closes the socket once, and writes no line of its own for each that follows', async () => {
    await using server = await openStreamServer()
    const raw = await openRawSocket(server.url)
    for (let sent = 0; sent < 500; sent += 1) raw.send({ type: 'connection_ack' })
    expect((await raw.closed).code).toBe(4400)
    const { lines } = server.logger
    expect(lines.filter(({ level }) => level !== 'debug')).toEqual([])
    expect(lines.length).toBeLessThan(3)
  })

  it('is one with an id that is too long', async () => {
    await using server = await openStreamServer()
    const raw = await openAcknowledged(server.url)
    subscribe(raw, 'i'.repeat(256), '{ hello }')
    expect(await raw.next()).toMatchObject({ type: 'next', payload: { data: { hello: 'world' } } })
    subscribe(raw, 'i'.repeat(257), '{ hello }')
    expect(await raw.closed).toEqual({ code: 4400, reason: 'An id may have at most 256 characters' })
  })
})

describe('the sockets of a network', () => {
  it('are counted from the upgrade on until their connection is closed, however that comes', async () => {
    const open = new Set<symbol>()
    let admitted = 0
    await using server = await openFakeStreams(
      {},
      {
        async admitSocket() {
          if (open.size === 1) throw new Refusal('TOO_MANY_STREAMS', 'There are too many.')
          const one = Symbol('a socket')
          open.add(one)
          admitted += 1
          return () => void open.delete(one)
        },
      },
    )
    const first = await openRawSocket(server.url)
    await expect(openRawSocket(server.url)).rejects.toThrow('429')
    first.socket.terminate()
    await eventually(() => open.size === 0)
    const keyless = connect(server.port, '127.0.0.1')
    keyless.end('GET /graphql HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    expect(await text(keyless)).toContain('400 Bad Request')
    expect(admitted).toBe(2)
    await eventually(() => open.size === 0)
    const second = await openAcknowledged(server.url)
    expect(open.size).toBe(1)
    second.socket.close()
    await eventually(() => open.size === 0)
  })
})
