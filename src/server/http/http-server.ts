import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Figures } from '../../ports/meter.ts'
import type { Readiness } from '../../services/operations/readiness.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import type { UpgradeDoor } from '../streams/handlers.ts'
import { answerBrokenRequests } from './broken-requests.ts'
import { createRoutes, type DoorsOptions, graphqlPath } from './doors.ts'
import { createHttpFigures, type HttpFigures } from './http-figures.ts'
import { type HttpLimits, httpLimits } from './http-limits.ts'
import { listen, type ListenAddress } from './listen.ts'
import { createOperationRunner, type RunOperation } from '../graphql/operation-runner.ts'
import type { OriginPolicy } from './origin-check.ts'
import type { FactsReader } from './request-facts.ts'
import { createRequestListener } from './request-listener.ts'
import { createRouter, findRoute, type RequestLog, type Route } from './routes.ts'
import { securityHeaders } from './security-headers.ts'
import { targetOf } from './target.ts'
import { acceptUpgrades, asksForWebSocket } from './upgrades.ts'

export interface HttpDoorOptions extends Omit<DoorsOptions, 'run' | 'limits'> {
  readonly readiness: Pick<Readiness, 'read' | 'drain'>
  readonly readFacts: FactsReader
  readonly policy: OriginPolicy
  readonly webSocket: UpgradeDoor
  readonly maskError: MaskError
  readonly figures?: Pick<Figures, 'addSource'> | undefined
  /** Without it requests have no lines. */
  readonly requestLog?: RequestLog | undefined
  readonly limits?: Partial<HttpLimits>
  /** For how long a client may take nothing of its answer, in ms. */
  readonly takeMs: number
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
   * Takes no more connections; what is open is served on, and each answer is its connection's last. Can be called twice.
   * Connections that are idle are closed, which a client may run into that sends on one just then; with `keepIdle` each is
   * answered once more, or closed when its time (`Keep-Alive: timeout`) is over: for a server whose place another one has taken
   * already.
   */
  stopAccepting(options?: { readonly keepIdle?: boolean }): void
  /**
   * Stops accepting, ends the streams so that their clients come back, lets answers that are under way end, and after
   * `drainMs` cuts what is left. Can be called twice.
   */
  close(drainMs: number): Promise<void>
}

/** Builds the server; nothing is listened on before `listen`. */
export function createHttpDoor(options: HttpDoorOptions): HttpDoor {
  const limits = { ...httpLimits, ...options.limits }
  const { secure } = options.address
  const run = createOperationRunner(options, 'http')
  let lastClosed: Promise<unknown> | null = null
  let closing: Promise<void> | null = null
  let keepsIdle = false
  const isDraining = () => lastClosed !== null
  const routes = createRoutes({ ...options, run, limits })
  const router = createRouter(options.policy, options.requestLog)
  const figures = createHttpFigures()
  options.figures?.addSource(figures.read)

  const server = openServer(limits)
  const sockets = trackSockets(server)
  const closesIdle = () => isDraining() && !keepsIdle
  const listener = createRequestListener({ ...options, secure, router, isDraining, limits, graphqlPath })
  answerRequests(server, { listener, routes, figures, closesIdle })
  const headers = securityHeaders(secure)
  answerBrokenRequests(server, { ...options, headers, headerBytes: limits.headerBytes, figures })
  acceptUpgrades(server, { ...options, headers, path: graphqlPath, isDraining, figures })

  const stop: HttpDoor['stopAccepting'] = ({ keepIdle = false } = {}) => {
    if (lastClosed !== null) return
    options.readiness.drain()
    keepsIdle = keepIdle
    lastClosed = keepIdle ? closeButIdle(server) : new Promise((resolve) => server.close(resolve))
  }
  const close = async (drainMs: number) => {
    stop()
    const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), drainMs)
    const streams = [options.sse, options.poll, options.webSocket]
    await Promise.all([lastClosed, ...streams.map((stream) => stream.close(drainMs))])
    clearTimeout(cut)
  }
  return {
    run: createOperationRunner(options, 'local'),
    get connections() {
      return sockets.size
    },
    async listen(address) {
      const port = await listen(server, address)
      options.address.bound(port)
      return port
    },
    stopAccepting: stop,
    close: (drainMs) => (closing ??= close(drainMs)),
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
async function closeButIdle(server: Server): Promise<void> {
  await new Promise((resolve) => NetServer.prototype.close.call(server, resolve))
  // Ends what watches over connections; the error that there is nothing to close any more is no news.
  server.close(() => undefined)
}

type Listener = ReturnType<typeof createRequestListener>

interface Answering {
  readonly listener: Listener
  readonly routes: readonly Route[]
  readonly figures: Pick<HttpFigures, 'answered'>
  readonly closesIdle: () => boolean
}

function answerRequests(server: Server, { listener, routes, figures, closesIdle }: Answering): void {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const route = findRoute(routes, targetOf(request))
    response.once('close', () => {
      figures.answered(route?.path ?? null, response)
      if (closesIdle()) setImmediate(() => server.closeIdleConnections())
    })
    void listener(request, response, route)
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
