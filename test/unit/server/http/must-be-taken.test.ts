import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createDoorShedding } from '../../../../src/server/gate/shedding-door.ts'
import { mustBeTaken, send } from '../../../../src/server/http/send.ts'
import { createAdmission } from '../../../../src/services/operations/shedding/admission.ts'
import { eventually } from '../../../support/eventually.ts'
import { openTestDoor } from '../../../support/http/test-door.ts'
import { openRawHttp, rawPost } from '../../../support/raw-http.ts'

/** More than the kernel takes for somebody who does not read. */
const large = 32 * 2 ** 20
const page = 'GET /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\n\r\n'

/** A server with one answer; its clients have so many ms to take something of it. */
async function serve(body: string, takeMs: number) {
  const server = createServer((request, response) => {
    send(response, { status: 200, headers: {}, body: request.url === '/short' ? 'short' : body })
    mustBeTaken(response, takeMs)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    port,
    connections: () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('an answer that is not taken', () => {
  it('is given up, and its connection closed', async () => {
    await using server = await serve('x'.repeat(large), 100)
    const raw = await openRawHttp(server.port, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n', { reads: false })
    await eventually(async () => (await server.connections()) === 1)
    await eventually(async () => (await server.connections()) === 0)
    raw.socket.destroy()
  })

  it('is waited for while it is taken slowly, however long that takes', async () => {
    await using server = await serve('x'.repeat(large), 1_000)
    const raw = await openRawHttp(server.port, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n', { reads: false })
    const started = performance.now()
    while (raw.received.length < large) {
      // The kernels on both sides let the server see only that a good part of what they hold was taken.
      const before = raw.received.length
      raw.socket.resume()
      await eventually(() => raw.received.length >= Math.min(large, before + 2 ** 21), 10_000)
      raw.socket.pause()
      await sleep(250)
    }
    expect(performance.now() - started).toBeGreaterThan(1_000)
    expect(raw.closed).toBe(false)
    raw.socket.destroy()
  })

  it('costs a connection nothing that has been answered', async () => {
    await using server = await serve('', 50)
    const raw = await openRawHttp(server.port, 'GET /short HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await raw.until('short')
    await sleep(200)
    raw.socket.write('GET /short HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await eventually(() => raw.received.split('HTTP/1.1 200').length === 3)
    raw.socket.destroy()
  })

  it('is one of every door: a page whose reader does not read', async () => {
    await using door = await openTestDoor({ door: { takeMs: 100 } })
    // Several at once on one connection, so that the kernel cannot take them all.
    const raw = await openRawHttp(door.port, page.repeat(4), { reads: false })
    await eventually(() => door.door.connections === 1)
    await eventually(() => door.door.connections === 0, 20_000)
    raw.socket.destroy()
  })

  it('is one of every refusal: a client that asks on and on, and does not read', async () => {
    const full = { isOn: true, pressure: { value: 1, reason: 'loop delay', over: [] } } as const
    const shedding = createDoorShedding(createAdmission(full), () => ({ guess: () => 'read', maySpare: () => false }))
    await using door = await openTestDoor({ door: { takeMs: 100, shedding } })
    const asks = rawPost({ query: '{ hello }' }, 'application/json').repeat(20_000)
    const raw = await openRawHttp(door.port, asks, { reads: false })
    await eventually(() => door.door.connections === 1)
    await eventually(() => door.door.connections === 0, 20_000)
    raw.socket.destroy()
  })
})
