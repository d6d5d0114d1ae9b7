import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../../ports/logger.ts'
import type { DoorShedding } from '../gate/shedding-door.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import { corsHeaders, preflightHeaders } from './cors.ts'
import { boundUnreadBody, type DrainLimits, sendWhileReceiving } from './drain-request.ts'
import { graphqlAnswer } from '../graphql/graphql-answer.ts'
import type { HttpLimits } from './http-limits.ts'
import { negotiate } from './media-type.ts'
import type { OriginPolicy } from './origin-check.ts'
import { ConnectionLostError } from './read-body.ts'
import { createEarlyRefusal, type Spared } from './refuse-early.ts'
import type { FactsReader } from './request-facts.ts'
import type { Route, Router } from './routes.ts'
import { securityHeaders } from './security-headers.ts'
import { mustBeTaken, send } from './send.ts'
import { singleHeader } from './single-header.ts'
import { readTarget } from './target.ts'

export interface RequestListenerOptions {
  readonly readFacts: FactsReader
  readonly policy: OriginPolicy
  readonly secure: boolean
  readonly router: Router
  readonly isDraining: () => boolean
  readonly maskError: MaskError
  readonly logger: Logger
  readonly limits: HttpLimits
  readonly shedding: DoorShedding
  /** For how long a client may take nothing of its answer, in ms. */
  readonly takeMs: number
  /** The path of operations. */
  readonly graphqlPath: string
}

/** What every request has in common: headers, facts, preflights, and an answer for whatever its door throws. */
export function createRequestListener(options: RequestListenerOptions) {
  const { readFacts, policy, router, isDraining, takeMs } = options
  const drainLimits = { idleMs: options.limits.drainIdleMs, totalMs: options.limits.drainTotalMs }
  const base = securityHeaders(options.secure)
  const early = createEarlyRefusal({ ...options, headers: base, path: options.graphqlPath })

  return async (request: IncomingMessage, response: ServerResponse, route: Route | null): Promise<void> => {
    // The socket's own errors (a client that went away) end the request; here they only must not go unheard.
    response.on('error', ignore)
    try {
      const looksEarly = !isDraining() && early.concerns(request)
      const spared = looksEarly ? await early.look(request, response) : null
      if (spared !== 'refused') await serve({ request, response, spared, route })
    } catch (error) {
      await answerFailure({ request, response, requestId: readFacts.requestId(request), error }, drainLimits, options)
    }
  }

  async function serve({ request, response, spared, route }: Served): Promise<void> {
    const requestId = readFacts.requestId(request)
    boundUnreadBody(request, response, drainLimits)
    const origin = singleHeader(request, 'origin')
    const headers = { ...base, ...corsHeaders(origin, policy), 'x-request-id': requestId }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (isDraining()) response.setHeader('connection', 'close')
    if (request.method === 'OPTIONS') return void response.writeHead(204, preflightHeaders(origin, policy)).end()
    const facts = readFacts.read(request, response)
    const target = readTarget(request)
    // All that is no operation is a file or a page, or as short as one.
    if (target.path !== options.graphqlPath) mustBeTaken(response, takeMs)
    await router({ request, response, facts, spared, method: request.method ?? '', ...target }, route)
    // A stream, which has not ended, has a rule of its own.
    if (response.writableEnded && response.writableLength > 0) mustBeTaken(response, takeMs)
  }
}

interface Served {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly spared: Spared | null
  readonly route: Route | null
}

function ignore(): void {}

interface Failure {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly error: unknown
}

async function answerFailure(
  { request, response, requestId, error }: Failure,
  limits: DrainLimits,
  options: RequestListenerOptions,
): Promise<void> {
  if (error instanceof ConnectionLostError) {
    options.logger.debug({ requestId }, error.message)
    return void response.destroy()
  }
  // Node tells of a request before it has noticed that no body follows, but within the same turn.
  await Promise.resolve()
  const masked = options.maskError(error, requestId)
  // An answer that has begun cannot be turned into another: the client must see that it is cut off.
  if (response.headersSent) return void response.destroy()
  const wanted = negotiate(request.headers.accept ?? null)
  const mediaType = wanted === 'application/graphql-response+json' ? wanted : 'application/json'
  const answer = graphqlAnswer({ errors: [masked] }, mediaType)
  if (request.complete) send(response, answer)
  else await sendWhileReceiving(request, response, answer, limits)
}
