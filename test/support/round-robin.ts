import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Hands connections to several ports in turn, as a primary does to its members. */
export interface RoundRobin extends AsyncDisposable {
  readonly port: number
  /** Connections are refused until there is one. */
  add(port: number): void
}

export async function openRoundRobin(): Promise<RoundRobin> {
  const ports: number[] = []
  const sockets = new Set<Socket>()
  let turn = 0
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const port = ports[turn % ports.length]
    turn += 1
    if (port === undefined) return client.destroy()
    const target = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // as a TCP server has it once it listens
    add: (port) => void ports.push(port),
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
