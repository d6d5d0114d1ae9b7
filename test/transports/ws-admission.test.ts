import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { openFakeStreams } from '../support/open-fake-streams.ts'
import { maskedFrame } from '../support/websocket-frames.ts'

/** Asks for a WebSocket on a connection of its own, and says something at once. */
function ask(port: number, ...said: readonly object[]): Socket {
  const socket = connect(port, '127.0.0.1')
  const head = [
    'GET /graphql HTTP/1.1',
    'Host: here',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  ]
  const frames = said.map((message) => maskedFrame(Buffer.from(JSON.stringify(message))))
  socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...frames]))
  return socket
}

/** A door that lets sockets in when the test says so. */
async function openGatedDoor() {
  const gate = Promise.withResolvers<void>()
  const counts = { asked: 0, left: 0 }
  const server = await openFakeStreams(
    {},
    {
      async admitSocket() {
        counts.asked += 1
        await gate.promise
        return () => void (counts.left += 1)
      },
    },
  )
  return { server, counts, open: () => gate.resolve() }
}

describe('a socket that waits to be let in', () => {
  it('loses nothing of what its client says meanwhile, with the request and after it', async () => {
    const { server, counts, open } = await openGatedDoor()
    await using _ = server
    const socket = ask(server.port, { type: 'connection_init' }, { type: 'ping', payload: { n: 1 } })
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    await eventually(() => counts.asked === 1)
    const large = { type: 'ping', payload: { n: 2, text: 'x'.repeat(60_000) } }
    for (let n = 0; n < 10; n += 1) socket.write(maskedFrame(Buffer.from(JSON.stringify(large))))
    await new Promise((resolve) => socket.write(maskedFrame(Buffer.from('{"type":"ping","payload":{"n":3}}')), resolve))
    expect(received).toBe('')
    open()
    await eventually(() => (received.match(/"pong"/g) ?? []).length === 12)
    expect(received).toMatch(/^HTTP\/1\.1 101 .*connection_ack.*"n":1.*"n":2.*"n":3/s)
    socket.destroy()
    await eventually(() => counts.left === 1)
  })

  it('is counted no more when it was broken off meanwhile', async () => {
    const { server, counts, open } = await openGatedDoor()
    await using _ = server
    const socket = ask(server.port)
    await eventually(() => counts.asked === 1)
    socket.resetAndDestroy()
    await eventually(() => server.sockets.every(({ destroyed }) => destroyed))
    open()
    await eventually(() => counts.left === 1)
    expect(server.sockets).toHaveLength(1)
  })

  it('is refused when the server has begun to stop meanwhile', async () => {
    const { server, counts, open } = await openGatedDoor()
    await using _ = server
    const socket = ask(server.port)
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    const closed = once(socket, 'close')
    await eventually(() => counts.asked === 1)
    await server.closeDoor()
    open()
    await closed
    expect(received).toContain('HTTP/1.1 429')
    await eventually(() => counts.left === 1)
  })
})
