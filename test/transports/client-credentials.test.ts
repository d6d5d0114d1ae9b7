import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../client/frame.ts'
import { subscribe, type TransportName, transports } from '../../client/subscribe.ts'
import { Refusal } from '../../src/core/errors.ts'
import { eventually } from '../support/eventually.ts'
import { openStreamServer, type StreamServer } from '../support/open-stream-server.ts'

const operation = { query: 'subscription { counter(topic: "c") { n } }' }
const expired = new Refusal('UNAUTHENTICATED', 'The token has expired.')
const revoked = new Refusal('SESSION_REVOKED', 'This session is over.')
// The keys are the names.
const names = Object.keys(transports) as TransportName[]

/** A client whose tokens are `user-1`, `user-2` …, a new one when the last has expired. */
function openClient(server: StreamServer, transport: TransportName, after: string | null = null) {
  let current = 1
  let connections = 0
  const frames = subscribe({
    url: server.url,
    operation,
    transport,
    after,
    headers: async () => ({ authorization: `Bearer user-${current}` }),
    onConnect: () => {
      connections += 1
    },
  })
  return {
    frames,
    get connections() {
      return connections
    },
    /** Ends the present token; the client knows the next one. */
    expire() {
      current += 1
      server.endCredential(`user-${current - 1}`, expired)
    },
  }
}

async function take(frames: AsyncIterator<Frame, void>): Promise<unknown> {
  const { value } = await frames.next()
  const counter = value?.data?.['counter']
  return typeof counter === 'object' && counter !== null && 'n' in counter ? counter.n : null
}

describe.each(names)('the client over %s, when its token runs out', (transport) => {
  it('goes on with the next one, and no event is lost or comes twice', async () => {
    await using server = await openStreamServer()
    const client = openClient(server, transport, 'earliest')
    const seen: unknown[] = []
    for (let n = 1; n <= 12; n += 1) {
      await server.count('c', 1)
      // In the middle of a frame's way, and between two.
      if (n % 3 === 0) client.expire()
      seen.push(await take(client.frames))
      if (n % 4 === 0) client.expire()
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    await client.frames.return()
    await eventually(() => server.watches === 0)
  })

  it('goes on, too, where nothing has happened since the one before', async () => {
    await using server = await openStreamServer()
    const client = openClient(server, transport)
    expect(await take(client.frames)).toBe(0)
    const next = take(client.frames)
    for (const round of [1, 2]) {
      await eventually(() => server.openStreams === 1)
      // The time itself is what counts: a stream that ends sooner was not let in.
      if (round === 2) await sleep(1_100)
      client.expire()
    }
    await eventually(() => server.openStreams === 1)
    await server.count('c', 1)
    expect(await next).toBe(1)
    await client.frames.return()
  })

  it('tells its user when the next one is not valid either', async () => {
    await using server = await openStreamServer()
    let connections = 0
    const frames = subscribe({
      url: server.url,
      operation,
      transport,
      headers: async () => ({ authorization: 'Bearer user-1' }),
      onConnect: () => {
        connections += 1
      },
    })
    await frames.next()
    const next = frames.next()
    await eventually(() => server.openStreams === 1)
    server.endCredential('user-1', expired)
    await expect(next).rejects.toMatchObject({ name: 'OperationError', code: 'UNAUTHENTICATED' })
    expect(connections).toBe(2)
  })

  it('does not come back with headers that cannot change', async () => {
    await using server = await openStreamServer()
    const headers = { authorization: 'Bearer user-1' }
    const connections: string[] = []
    const onConnect = (name: string) => void connections.push(name)
    const frames = subscribe({ url: server.url, operation, transport, headers, onConnect })
    await frames.next()
    const next = frames.next()
    await eventually(() => server.openStreams === 1)
    server.endCredential('user-1', expired)
    await expect(next).rejects.toMatchObject({ name: 'OperationError', code: 'UNAUTHENTICATED' })
    expect(connections).toEqual([transport])
  })
})

describe.each(names)('the client over %s, when its session is revoked', (transport) => {
  it('ends with the reason, and does not come back', async () => {
    await using server = await openStreamServer()
    const client = openClient(server, transport)
    await take(client.frames)
    const next = client.frames.next()
    await eventually(() => server.openStreams === 1)
    server.endCredential('user-1', revoked)
    await expect(next).rejects.toMatchObject({ name: 'OperationError', code: 'SESSION_REVOKED' })
    expect(client.connections).toBe(1)
  })
})
