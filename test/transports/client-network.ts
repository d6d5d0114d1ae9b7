import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a network does with what goes over a transport. */
export type Passage = 'open' | 'refused' | 'held' | 'answered by a proxy'

/** A network between clients and a server that treats each transport in its own way. */
export interface Network extends AsyncDisposable {
  /** Of `/graphql` behind it. */
  readonly url: string
  /** How it treats requests from now on. */
  readonly passage: { ws: Passage; sse: Passage; poll: Passage }
  /** How many connections there are now. */
  readonly connections: number
  /** Breaks every connection that is open now. */
  cut(): void
}

/** A page that a proxy shows in the place of an answer. */
const blockPage = '<h1>Blocked</h1>'
const proxyAnswer = `HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: ${blockPage.length}\r\n\r\n${blockPage}`

export async function openNetwork(serverPort: number): Promise<Network> {
  const sockets = new Set<Socket>()
  const passage: Network['passage'] = { ws: 'open', sse: 'open', poll: 'open' }
  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: serverPort, host: '127.0.0.1', noDelay: true })
    sockets.add(client)
    const end = () => {
      client.destroy()
      server.destroy()
      sockets.delete(client)
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    client.on('data', (chunk) => {
      const treated = passageOf(chunk.toString('latin1'), passage)
      if (treated === 'refused') client.resetAndDestroy()
      else if (treated === 'answered by a proxy') client.write(proxyAnswer)
      else server.write(chunk)
      // From here on the bytes of the server's answer stay where they are.
      if (treated === 'held') server.pause()
    })
    server.on('data', (chunk) => void client.write(chunk))
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  // A TCP server has an address of this form once it listens.
  const { port } = proxy.address() as AddressInfo
  const cut = () => sockets.forEach((socket) => socket.resetAndDestroy())
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    passage,
    get connections() {
      return sockets.size
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

/** How a request is treated; what is no head of a request goes on as its connection does. */
function passageOf(chunk: string, passage: Network['passage']): Passage {
  if (!/^(GET|POST) /.test(chunk)) return 'open'
  if (/upgrade: websocket/i.test(chunk)) return passage.ws
  return /accept: text\/event-stream/i.test(chunk) ? passage.sse : passage.poll
}
