import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A line to the server that can be cut. */
export interface BreakableLine {
  /** The server's address, through the line. */
  readonly url: string
  /** How many connections have been cut. */
  readonly cuts: number
  /** Breaks all connections off, as a lost network does; new ones are taken. */
  cut(): void
}

/** Opens a line to a server; it is taken down when the signal is aborted. */
export async function openBreakableLine(url: string, signal: AbortSignal): Promise<BreakableLine> {
  signal.throwIfAborted()
  const { protocol, hostname, port } = new URL(url)
  const isTls = protocol === 'https:'
  const to = { host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port) || (isTls ? 443 : 80) }
  const sockets = new Set<Socket>()
  let cuts = 0

  const server = createServer((near) => {
    const far = isTls ? connectTls({ ...to, servername: to.host }) : connect(to)
    const end = () => {
      near.destroy()
      far.destroy()
      sockets.delete(near)
    }
    sockets.add(near)
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', end).on('close', end)
    near.pipe(far).pipe(near)
  })
  const drop = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  signal.addEventListener(
    'abort',
    () => {
      drop()
      server.close()
    },
    { once: true },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  // A TCP server has an address of this form once it listens.
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  through.protocol = 'http:'
  return {
    url: through.href,
    get cuts() {
      return cuts
    },
    cut() {
      cuts += sockets.size
      drop()
    },
  }
}
