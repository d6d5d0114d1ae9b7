import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createOutbox } from '../../src/server/streams/outbox.ts'
import { createPulse } from '../../src/server/streams/pulse.ts'
import { textFrame } from '../../src/server/streams/ws-frame.ts'
import { Link, type LinkLimits } from '../../src/server/streams/ws-link.ts'
import { eventually } from '../support/eventually.ts'

const highWaterBytes = 16_384
const holdBytes = 65_536
const text = 'x'.repeat(60_000)

interface Pair extends AsyncDisposable {
  readonly link: Link
  /** The server's end, and the connection below it. */
  readonly near: WebSocket
  readonly socket: Duplex
  readonly far: WebSocket
}

interface PairOptions extends Partial<LinkLimits> {
  readonly keepAliveMs?: number
}

async function openPair({ keepAliveMs = 60_000, ...limits }: PairOptions = {}): Promise<Pair> {
  const webSockets = new WebSocketServer({ noServer: true, clientTracking: false })
  const server = createServer()
  const accepted = new Promise<{ near: WebSocket; socket: Duplex }>((resolve) => {
    server.on('upgrade', (request, socket, head) => {
      webSockets.handleUpgrade(request, socket, head, (near) => resolve({ near, socket }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server has an address of this form once it listens.
  const { port } = server.address() as AddressInfo
  const far = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong: false })
  far.on('error', () => undefined)
  await once(far, 'open')
  const { near, socket } = await accepted
  const door = { outbox: createOutbox(), pulse: createPulse(keepAliveMs), highWaterBytes, holdBytes, stallMs: 10_000 }
  const link = new Link(near, socket, { ...door, ...limits })
  near.on('pong', (payload) => link.ponged(payload))
  near.once('close', () => link.end())
  return {
    link,
    near,
    socket,
    far,
    async [Symbol.asyncDispose]() {
      far.terminate()
      near.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('the link to a client', () => {
  it('holds a client that does not read, and lets it go on when it has read', async () => {
    await using pair = await openPair()
    let received = 0
    pair.far.on('message', () => void (received += 1))
    pair.near.on('message', () => pair.link.send(text))
    pair.far.pause()
    for (let sent = 0; sent < 1_000; sent += 1) pair.far.send(text)
    await eventually(() => pair.near.isPaused && pair.socket.writableLength > 0)
    // One message more than the bound, and what had been read when it was reached.
    expect(pair.socket.writableLength).toBeLessThan(holdBytes + 4 * text.length)
    pair.far.resume()
    await eventually(() => received === 1_000, 10_000)
    await eventually(() => !pair.near.isPaused)
    expect(pair.socket.writableLength).toBe(0)
  })

  it('cuts off a client that takes nothing in time', async () => {
    await using pair = await openPair({ stallMs: 50 })
    pair.far.pause()
    for (let sent = 0; sent < 500; sent += 1) pair.link.send(text)
    await once(pair.near, 'close')
    expect([pair.link.isOpen, pair.link.isWritable]).toEqual([false, false])
  })

  it('reads again when it is closed, so that the end of the client is heard', async () => {
    await using pair = await openPair()
    pair.far.pause()
    for (let sent = 0; sent < 500; sent += 1) pair.link.send(text)
    expect(pair.near.isPaused).toBe(true)
    pair.link.close(4400, 'enough')
    expect(pair.near.isPaused).toBe(false)
    pair.far.resume()
    expect((await once(pair.far, 'close'))[0]).toBe(4400)
  })

  it('resumes who waits once, when it can be written to, but not who has given up', async () => {
    await using pair = await openPair()
    const resumed: string[] = []
    // With the head of the frame.
    pair.link.gather(textFrame('x'.repeat(highWaterBytes - 4)))
    expect(pair.link.isWritable).toBe(true)
    pair.link.gather(textFrame('x'))
    expect(pair.link.isWritable).toBe(false)
    const waiters = ['one', 'two', 'three'].map((name) => ({ resume: () => void resumed.push(name) }))
    for (const waiter of [...waiters, ...waiters]) pair.link.whenWritable(waiter)
    for (const waiter of waiters.slice(1, 2)) pair.link.forget(waiter)
    await eventually(() => pair.link.isWritable)
    await eventually(() => resumed.length === 2)
    pair.link.gather(textFrame('x'.repeat(highWaterBytes)))
    expect(pair.link.isWritable).toBe(false)
    await eventually(() => pair.link.isWritable)
    expect(resumed).toEqual(['one', 'three'])
  })
})

describe('the keep-alive', () => {
  it('does not ask for pongs while something waits for the client', async () => {
    await using behind = await openPair({ keepAliveMs: 50 })
    await using other = await openPair({ keepAliveMs: 50 })
    let pings = 0
    behind.far.on('ping', () => void (pings += 1))
    behind.far.pause()
    for (let sent = 0; sent < 200; sent += 1) behind.link.send(text)
    await once(other.near, 'close')
    expect(behind.near.readyState).toBe(WebSocket.OPEN)
    const before = pings
    behind.far.resume()
    await once(behind.near, 'close')
    expect([before, pings]).toEqual([0, 1])
  })

  it('keeps who answers with what it was asked, and nobody else', async () => {
    await using honest = await openPair({ keepAliveMs: 100 })
    await using other = await openPair({ keepAliveMs: 100 })
    honest.far.on('ping', (data) => honest.far.pong(data))
    other.far.on('ping', () => other.far.pong('yes'))
    await once(other.near, 'close')
    expect(honest.near.readyState).toBe(WebSocket.OPEN)
  })
})
