import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { MaskError } from '../graphql/mask-error.ts'
import type { UpgradeDoor } from '../streams/handlers.ts'
import { answerBrokenRequests } from './broken-requests.ts'
import { createRoutes, type DoorsOptions, graphqlPath } from './doors.ts'
import { type HttpLimits, httpLimits } from './http-limits.ts'
import { listen, type ListenAddress } from './listen.ts'
import { createOperationRunner, type RunOperation } from '../graphql/operation-runner.ts'
import type { OriginPolicy } from './origin-check.ts'
import type { FactsReader } from './request-facts.ts'
import { createRequestListener } from './request-listener.ts'
import { createRouter } from './routes.ts'
import { securityHeaders } from './security-headers.ts'
import { acceptUpgrades, asksForWebSocket } from './upgrades.ts'

export interface HttpDoorOptions extends Omit<DoorsOptions, 'run' | 'isDraining' | 'limits'> {
  readonly readFacts: FactsReader
  readonly policy: OriginPolicy
  readonly webSocket: UpgradeDoor
  readonly maskError: MaskError
  readonly limits?: Partial<HttpLimits>
}

/** The one server for everything that comes over HTTP. */
export interface HttpDoor {
  /** A query or mutation without a port, for whoever the facts show. */
  readonly run: RunOperation
  /** How many sockets are open, upgraded ones among them. */
  readonly connections: number
  /** Starts to accept connections; answers with the port. Throws a `ListenError`. */
  listen(address: ListenAddress): Promise<number>
  /**
   * Stops accepting, ends the streams so that their clients come back, lets answers that are under way end, and after
   * `drainMs` cuts what is left. Can be called twice. Connections that are idle are closed, which a client may run into that
   * sends on one just then; with `keepIdle` each is answered once more, or closed when its time (`Keep-Alive: timeout`) is
   * over: for a server whose place another one has taken already.
   */
  close(drainMs: number, options?: { readonly keepIdle?: boolean }): Promise<void>
}

/** Builds the server; nothing is listened on before `listen`. */
export function createHttpDoor(options: HttpDoorOptions): HttpDoor {
  const limits = { ...httpLimits, ...options.limits }
  const { secure } = options.address
  const run = createOperationRunner(options)
  let closing: Promise<void> | null = null
  let keepsIdle = false
  const isDraining = () => closing !== null
  const door = createRouter(createRoutes({ ...options, run, limits, isDraining }), options.policy)

  const server = openServer(limits)
  const sockets = trackSockets(server)
  const closesIdle = () => isDraining() && !keepsIdle
  answerRequests(server, createRequestListener({ ...options, secure, door, isDraining, limits }), closesIdle)
  const headers = securityHeaders(secure)
  answerBrokenRequests(server, { ...options, headers, headerBytes: limits.headerBytes })
  acceptUpgrades(server, { ...options, headers, path: graphqlPath, isDraining })

  const close = async (drainMs: number) => {
    const closed = keepsIdle ? stopAccepting(server) : new Promise((resolve) => server.close(resolve))
    const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), drainMs)
    const streams = [options.sse, options.poll, options.webSocket]
    await Promise.all([closed, ...streams.map((stream) => stream.close(drainMs))])
    clearTimeout(cut)
  }
  return {
    run,
    get connections() {
      return sockets.size
    },
    async listen(address) {
      const port = await listen(server, address)
      options.address.bound(port)
      return port
    },
    close(drainMs, { keepIdle = false } = {}) {
      if (closing === null) keepsIdle = keepIdle
      closing ??= close(drainMs)
      return closing
    },
  }
}

function openServer(limits: HttpLimits): Server {
  return createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    // Bodies have deadlines of their own, by what they are.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(5_000, limits.headersMs),
    shouldUpgradeCallback: asksForWebSocket,
  })
}

/** As the server's own `close`, which ends idle connections besides. Resolves when the last connection is closed. */
async function stopAccepting(server: Server): Promise<void> {
  await new Promise((resolve) => NetServer.prototype.close.call(server, resolve))
  // Ends what watches over connections; the error that there is nothing to close any more is no news.
  server.close(() => undefined)
}

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>

function answerRequests(server: Server, listener: Listener, closesIdle: () => boolean): void {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    response.once('close', () => {
      if (closesIdle()) setImmediate(() => server.closeIdleConnections())
    })
    void listener(request, response)
  }
  server.on('request', onRequest)
  // Without this listener node asks for the body before anyone has decided whether it is wanted.
  server.on('checkContinue', onRequest)
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}
