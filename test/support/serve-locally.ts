import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP server of a test on a free port of loopback. */
export interface LocalServer extends AsyncDisposable {
  readonly port: number
  readonly origin: string
}

/** `answer` may go on after it has returned. */
export function serveLocally(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<LocalServer> {
  return listenLocally(createServer((request, response) => void answer(request, response)))
}

/** Its disposal closes the server; sockets that were taken over are their owners' to end. */
export async function listenLocally(server: Server): Promise<LocalServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // as that of a server that listens to a port is
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
