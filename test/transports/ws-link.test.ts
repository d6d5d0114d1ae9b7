import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { keepAlive } from '../../src/server/streams/ws-keep-alive.ts'
import { createLink } from '../../src/server/streams/ws-link.ts'
import { eventually } from '../support/eventually.ts'

const highWaterBytes = 65_536
const text = 'x'.repeat(60_000)

interface Pair extends AsyncDisposable {
  /** The server's end. */
  readonly near: WebSocket
  readonly far: WebSocket
}

async function openPair(): Promise<Pair> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  // A TCP server has an address of this form once it listens.
  const { port } = server.address() as AddressInfo
  const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  const far = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong: false })
  far.on('error', () => undefined)
  await once(far, 'open')
  return {
    near: await accepted,
    far,
    async [Symbol.asyncDispose]() {
      far.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('the link to a client', () => {
  it('holds a client that does not read, and lets it go on when it has read', async () => {
    await using pair = await openPair()
    const link = createLink(pair.near, { highWaterBytes, stallMs: 10_000 })
    let received = 0
    pair.far.on('message', () => void (received += 1))
    pair.near.on('message', () => void link.send(text))
    pair.far.pause()
    for (let sent = 0; sent < 1_000; sent += 1) pair.far.send(text)
    await eventually(() => link.isHeld && pair.near.isPaused)
    // One message more than the high water, and what had been read when it was reached.
    expect(pair.near.bufferedAmount).toBeLessThan(highWaterBytes + 4 * text.length)
    pair.far.resume()
    await eventually(() => received === 1_000, 10_000)
    await eventually(() => !link.isHeld && !pair.near.isPaused)
    expect(pair.near.bufferedAmount).toBe(0)
  })

  it('cuts off a client that takes nothing in time, which ends every wait for it', async () => {
    await using pair = await openPair()
    const link = createLink(pair.near, { highWaterBytes, stallMs: 50 })
    pair.far.pause()
    const sent = Array.from({ length: 500 }, () => link.send(text))
    expect(link.isHeld).toBe(true)
    await once(pair.near, 'close')
    await Promise.all(sent)
    expect([link.isOpen, link.isHeld]).toEqual([false, false])
  })

  it('reads again when it is closed, so that the end of the client is heard', async () => {
    await using pair = await openPair()
    const link = createLink(pair.near, { highWaterBytes, stallMs: 10_000 })
    pair.far.pause()
    for (let sent = 0; sent < 500; sent += 1) void link.send(text)
    link.close(4400, 'enough')
    expect([link.isHeld, pair.near.isPaused]).toEqual([false, false])
    pair.far.resume()
    expect((await once(pair.far, 'close'))[0]).toBe(4400)
  })
})

describe('the keep-alive', () => {
  it('does not ask for pongs that it would not read', async () => {
    await using held = await openPair()
    await using other = await openPair()
    const link = { isOpen: true, isHeld: true, send: async () => undefined, close: () => undefined }
    let pings = 0
    held.far.on('ping', () => void (pings += 1))
    keepAlive(held.near, link, 50)
    keepAlive(other.near, { ...link, isHeld: false }, 50)
    await once(other.near, 'close')
    expect([held.near.readyState, pings]).toEqual([WebSocket.OPEN, 0])
    link.isHeld = false
    await once(held.near, 'close')
    expect(pings).toBe(1)
  })

  it('keeps who answers with what it was asked, and nobody else', async () => {
    await using honest = await openPair()
    await using other = await openPair()
    honest.far.on('ping', (data) => honest.far.pong(data))
    other.far.on('ping', () => other.far.pong('yes'))
    for (const { near } of [honest, other]) keepAlive(near, createLink(near, { highWaterBytes, stallMs: 1_000 }), 100)
    await once(other.near, 'close')
    expect(honest.near.readyState).toBe(WebSocket.OPEN)
  })
})
