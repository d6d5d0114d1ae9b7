import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A TCP proxy that behaves as networks do. */
export interface CuttableProxy extends AsyncDisposable {
  readonly port: number
  /** How many connections go through it now. */
  readonly connections: number
  /** Breaks all connections off, as a lost network does; new ones are taken. */
  cut(): void
  /** Takes nothing from the server any more, as a client that does not read. */
  stall(): void
  /** Breaks all connections off, and new ones as they come. */
  refuse(): void
  /** Takes and passes on, after `stall` and `refuse`. */
  resume(): void
  /** Passes everything on so many ms later; 0 is as it begins. */
  delay(ms: number): void
}

export async function openCuttableProxy(targetPort: number): Promise<CuttableProxy> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>()
  let stalled = false
  let refuses = false
  let delayMs = 0

  const proxy = createServer({ noDelay: true }, (client) => {
    if (refuses) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    const pair = { client, server }
    pairs.add(pair)
    const end = () => {
      client.destroy()
      server.destroy()
      pairs.delete(pair)
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    client.on('data', passOn(server))
    server.on('data', passOn(client))
    if (stalled) server.pause()
  })
  /** Passes on in order, whatever the delay is meanwhile. */
  function passOn(to: Socket): (chunk: Buffer) => void {
    let waiting = 0
    let last: Promise<unknown> = Promise.resolve()
    const write = (chunk: Buffer) => {
      waiting -= 1
      if (!to.destroyed) to.write(chunk)
    }
    return (chunk) => {
      if (delayMs === 0 && waiting === 0) {
        to.write(chunk)
        return
      }
      waiting += 1
      last = Promise.all([last, sleep(delayMs)]).then(() => write(chunk))
    }
  }

  function cut(): void {
    for (const { client, server } of pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')

  return {
    // A TCP server has an address of this form once it listens.
    port: (proxy.address() as AddressInfo).port,
    get connections() {
      return pairs.size
    },
    cut,
    stall() {
      stalled = true
      for (const { server } of pairs) server.pause()
    },
    refuse() {
      refuses = true
      cut()
    },
    delay(ms) {
      delayMs = ms
    },
    resume() {
      stalled = false
      refuses = false
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
