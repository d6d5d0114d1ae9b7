import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy that behaves as networks do. */
export interface CuttableProxy extends AsyncDisposable {
  readonly port: number
  /** How many connections go through it now. */
  readonly connections: number
  /** Breaks all connections off, as a lost network does; new ones are taken. */
  cut(): void
  /** Takes nothing from the server any more, as a client that does not read. */
  stall(): void
  resume(): void
}

export async function openCuttableProxy(targetPort: number): Promise<CuttableProxy> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>()
  let stalled = false

  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    const pair = { client, server }
    pairs.add(pair)
    const end = () => {
      client.destroy()
      server.destroy()
      pairs.delete(pair)
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    client.on('data', (chunk) => void server.write(chunk))
    server.on('data', (chunk) => void client.write(chunk))
    if (stalled) server.pause()
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')

  return {
    // A TCP server has an address of this form once it listens.
    port: (proxy.address() as AddressInfo).port,
    get connections() {
      return pairs.size
    },
    cut() {
      for (const { client, server } of pairs) {
        client.resetAndDestroy()
        server.resetAndDestroy()
      }
    },
    stall() {
      stalled = true
      for (const { server } of pairs) server.pause()
    },
    resume() {
      stalled = false
      for (const { server } of pairs) server.resume()
    },
    async [Symbol.asyncDispose]() {
      for (const { client, server } of pairs) {
        client.destroy()
        server.destroy()
      }
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
