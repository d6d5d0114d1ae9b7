import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { NotFoundError, Refusal } from '../../core/errors.ts'
import type { Logger } from '../../ports/logger.ts'
import { graphqlAnswer } from '../graphql/graphql-answer.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import type { DoorFacts } from '../request-context.ts'
import { answerBrokenRequests } from './broken-requests.ts'
import type { Door } from './exchange.ts'
import { listen, type ListenAddress, opsSettings } from './listen.ts'
import { readTarget } from './target.ts'
import { securityHeaders } from './security-headers.ts'
import { send } from './send.ts'

export interface OpsDoorOptions {
  /** The doors by their whole paths: there are no others. */
  readonly doors: Readonly<Record<string, Door>>
  readonly maskError: MaskError
  readonly logger: Logger
}

/** A server of its own for whoever watches the process: no credential is asked for, and none is looked at. */
export interface OpsDoor extends AsyncDisposable {
  /** Starts to accept connections; answers with the port. Throws a `ListenError`. */
  listen(address: ListenAddress): Promise<number>
  /** Takes no more connections, where another process of the cluster answers; what is being answered is answered. */
  stopAccepting(): void
}

/** Bounds of it, in bytes and ms. A probe is small, and each has a connection of its own. */
const limits = { connections: 64, headerBytes: 8 * 1024, requestMs: 5_000, idleMs: 10_000 }

export function createOpsDoor({ doors, maskError, logger }: OpsDoorOptions): OpsDoor {
  const headers = { ...securityHeaders(false), connection: 'close' }
  const byPath = new Map(Object.entries(doors))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID()
    response.on('error', () => {})
    for (const [name, value] of Object.entries({ ...headers, 'x-request-id': requestId })) {
      response.setHeader(name, value)
    }
    try {
      const target = readTarget(request)
      const door = byPath.get(target.path)
      if (door === undefined) throw new NotFoundError('path')
      await door({ request, response, facts: factsOf(request, requestId), method: request.method ?? '', ...target })
    } catch (error) {
      if (error instanceof Refusal)
        logger.debug({ requestId, code: error.code }, 'A request to the ops port was refused.')
      const masked = maskError(error, requestId)
      if (response.headersSent) return void response.destroy()
      send(response, graphqlAnswer({ errors: [masked] }, 'application/json'))
    }
  }

  const server = openServer()
  server.on('request', (request, response) => void answer(request, response))
  answerBrokenRequests(server, { maskError, logger, headers, headerBytes: limits.headerBytes })
  return {
    listen: (address) => listen(server, address, opsSettings),
    stopAccepting: () => void server.close(),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function openServer(): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.requestMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.requestMs,
  })
  // Ends those that neither send nor read.
  server.setTimeout(limits.idleMs)
  server.maxConnections = limits.connections
  // In a cluster what is over that would be handed from one member to the next without an end. Node's types do not know it yet.
  return Object.assign(server, { dropMaxConnection: true })
}

function factsOf(request: IncomingMessage, requestId: string): DoorFacts {
  const ip = request.socket.remoteAddress ?? null
  return {
    requestId,
    credentials: { apiKey: null, bearer: null, sessionCookie: null },
    client: { ip, userAgent: null, device: null, requestId },
    sessionCookie: null,
    deviceCookie: null,
    retryAfter: null,
  }
}
