import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { textFrame } from '../support/fake-frame-stream.ts'
import { type FakeStreams, openFakeStreams } from '../support/open-fake-streams.ts'
import { openStrictSocket, type StrictSocket } from '../support/strict-socket.ts'
import { opcodes } from '../support/websocket-frames.ts'

const highWaterBytes = 16_384

async function openStrict(server: FakeStreams, ...ids: readonly string[]): Promise<StrictSocket> {
  const strict = await openStrictSocket(server.url)
  strict.send('{"type":"connection_init"}')
  await strict.nextMessage()
  for (const id of ids) await subscribe(server, strict, id)
  return strict
}

async function subscribe(server: FakeStreams, strict: StrictSocket, id: string): Promise<void> {
  const opened = server.streams.length
  strict.send(JSON.stringify({ id, type: 'subscribe', payload: { query: 'stream' } }))
  await eventually(() => server.streams.length === opened + 1)
}

/** Enough for what the system holds at both ends, and more. */
const many = Array.from({ length: 400 }, (_, n) => textFrame({ n, text: 'x'.repeat(50_000) }, `c1.e.${n}`))
const frameBytes = 50_200

/** How much waits in the server's end of the connection that was opened at this place. */
function waitingAt(server: FakeStreams, place: number): number {
  return server.sockets[place]?.writableLength ?? 0
}

describe('a stream to a client that does not read', () => {
  it('stands still when little waits, goes on when it reads, and loses nothing', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, '1')
    const [stream] = server.streams
    strict.socket.pause()
    stream?.push(...many)
    await eventually(() => waitingAt(server, 0) > 0)
    await sleep(50)
    expect(stream?.waiting).toBeGreaterThan(0)
    expect(stream?.sink?.isWritable).toBe(false)
    expect(waitingAt(server, 0)).toBeLessThan(highWaterBytes + frameBytes)
    strict.socket.resume()
    for (const { payload } of many) {
      expect(await strict.nextMessage()).toEqual({ id: '1', type: 'next', payload: JSON.parse(payload) as unknown })
    }
    await eventually(() => stream?.sink?.isWritable === true && waitingAt(server, 0) === 0)
  })

  it('does not hold up what others are sent', async () => {
    await using server = await openFakeStreams()
    using slow = await openStrict(server, '1')
    using other = await openStrict(server, '1')
    slow.socket.pause()
    for (const stream of server.streams) stream.push(...many)
    for (const [n] of many.entries()) expect(await other.nextMessage()).toMatchObject({ payload: { n } })
    expect(server.streams[0]?.waiting).toBeGreaterThan(0)
  })

  it('can be completed by the client, and nothing of it follows under an id that is used again', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, '1')
    strict.socket.pause()
    server.streams[0]?.push(...many)
    await eventually(() => waitingAt(server, 0) > 0)
    strict.send('{"id":"1","type":"complete"}')
    await subscribe(server, strict, '1')
    expect(server.streams[0]?.calls.at(-1)).toBe('end')
    server.streams[1]?.push(...Array.from({ length: 20 }, () => textFrame({ isNew: true })))
    strict.socket.resume()
    const seen: boolean[] = []
    while (seen.filter(Boolean).length < 20) {
      const { payload } = (await strict.nextMessage()) as { payload: { isNew?: boolean } } // what was pushed
      seen.push(payload.isNew === true)
    }
    expect(seen.indexOf(true)).toBeGreaterThan(0)
    expect(seen.slice(seen.indexOf(true))).not.toContain(false)
    expect(seen.length).toBeLessThan(many.length)
  })

  it('can end, and its end is told behind what waits', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, '1', '2')
    strict.socket.pause()
    server.streams[0]?.push(...many)
    await eventually(() => waitingAt(server, 0) > 0)
    server.streams[1]?.finish(null)
    strict.socket.resume()
    const types = []
    for (let count = 0; count < many.length + 1; count += 1) {
      const { id, type } = (await strict.nextMessage()) as { id: string; type: string } // by the protocol
      types.push(`${id} ${type}`)
    }
    expect(types.filter((text) => text === '2 complete')).toHaveLength(1)
    expect(types.filter((text) => text === '1 next')).toHaveLength(many.length)
  })

  it('is cut off with its socket when nothing is taken in time', async () => {
    await using server = await openFakeStreams({ stallMs: 200 })
    using strict = await openStrict(server, '1')
    strict.socket.pause()
    server.streams[0]?.push(...many)
    await eventually(() => server.streams[0]?.calls.at(-1) === 'end')
    expect(server.sockets[0]?.destroyed).toBe(true)
  })

  it('does not make others of its socket forget to go on', async () => {
    await using server = await openFakeStreams()
    const ids = Array.from({ length: 20 }, (_, n) => String(n))
    using strict = await openStrict(server, ...ids)
    strict.socket.pause()
    for (const stream of server.streams) stream.push(...many.slice(0, 40))
    await eventually(() => waitingAt(server, 0) > 0)
    strict.socket.resume()
    for (let count = 0; count < 20 * 40; count += 1) await strict.nextMessage()
    expect(server.streams.map(({ waiting }) => waiting)).toEqual(ids.map(() => 0))
  })
})

describe('a client that reads slowly', () => {
  it('is not cut off while it takes something, however long one frame takes', async () => {
    await using server = await openFakeStreams({ stallMs: 400, keepAliveMs: 400 })
    using strict = await openStrict(server, '1')
    const text = 'x'.repeat(40_000_000)
    strict.socket.pause()
    server.streams[0]?.push(textFrame({ text }))
    // Many times as long as a client may take nothing.
    for (let round = 0; round < 60; round += 1) {
      await strict.take(500_000)
      await sleep(30)
    }
    expect(waitingAt(server, 0)).toBeGreaterThan(0)
    strict.socket.resume()
    expect(await strict.nextMessage()).toMatchObject({ payload: { text } })
  }, 30_000)
})

describe('a client that does not read', () => {
  it('is not read from either when the answers to its pings pile up', async () => {
    await using server = await openFakeStreams({ holdBytes: 65_536 })
    using strict = await openStrict(server)
    strict.socket.pause()
    const pings = Buffer.alloc(125)
    const isHeld = () => server.sockets[0]?.readableFlowing === false
    let sent = 0
    while (!isHeld() && sent < 400_000) {
      for (let count = 0; count < 2_000; count += 1) strict.send(pings, opcodes.ping)
      sent += 2_000
      await new Promise((resolve) => setImmediate(resolve))
    }
    await eventually(isHeld, 20_000)
    expect(waitingAt(server, 0)).toBeLessThan(65_536 + 128 * 1_024)
  }, 60_000)

  it('is pinged again when it has read', async () => {
    await using server = await openFakeStreams({ keepAliveMs: 100 })
    using strict = await openStrict(server, '1')
    strict.socket.pause()
    server.streams[0]?.push(...many)
    await eventually(() => waitingAt(server, 0) > 0)
    // As long as something waits, no pong is asked for.
    await sleep(400)
    expect(server.sockets[0]?.destroyed).toBe(false)
    strict.socket.resume()
    await eventually(() => server.sockets[0]?.destroyed === true, 20_000)
  }, 30_000)
})
