import { NotFoundError, Refusal } from '../../core/errors.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Door, Exchange } from './exchange.ts'
import { essence, isStreamType, negotiate } from './media-type.ts'
import { type OriginFacts, type OriginPolicy, originRefusal } from './origin-check.ts'
import { ConnectionLostError } from './read-body.ts'
import { singleHeader } from './single-header.ts'
import type { Target } from './target.ts'

export interface Route {
  /** The whole path, or its beginning where it ends in a slash (but for `/` itself). */
  readonly path: string
  readonly door: Door
  /** What a request does as far as foreign pages go; left out where anybody may ask anything. */
  readonly purpose?: (exchange: Exchange) => OriginFacts['purpose']
  /** Whether what it answers are operations, which tell of themselves. */
  readonly isOperation?: boolean
  /** Whether programs ask all the time, which is no news. */
  readonly isProbe?: boolean
}

/** What a request to `/graphql` does. */
export function operationPurpose({ request }: Exchange): OriginFacts['purpose'] {
  const mediaType = negotiate(request.headers.accept ?? null)
  return mediaType !== null && isStreamType(mediaType) ? 'stream' : 'operation'
}

/** Where the log has the lines of requests that are no operations. */
export type RequestLog = Pick<Logger, 'debug' | 'info'>

/** The route of what is asked for; `null`: the table has none. */
export function findRoute(routes: readonly Route[], target: Target | null): Route | null {
  if (target === null) return null
  return routes.find(({ path }) => matches(path, target.path)) ?? null
}

/** Answers a request to its end, on its route. */
export type Router = (exchange: Exchange, route: Route | null) => Promise<void>

/**
 * Opens the door of a request, and lets it in unless a foreign page sent it. The log has a line for each request that did not
 * become an operation, which has one of its own.
 */
export function createRouter(policy: OriginPolicy, log: RequestLog | null = null): Router {
  return async (exchange, route) => {
    const begunAt = performance.now()
    try {
      if (route === null) throw new NotFoundError('path')
      if (route.purpose !== undefined) {
        const refusal = originRefusal(originFacts(exchange, route.purpose(exchange)), policy)
        if (refusal !== null) throw refusal
      }
      await route.door(exchange)
    } catch (error) {
      if (log !== null) tellRequest(log, { exchange, route, begunAt, ...howItFailed(error) })
      throw error
    }
    if (log === null || route.isOperation === true) return
    tellRequest(log, { exchange, route, begunAt, status: exchange.response.statusCode, code: null })
  }
}

function howItFailed(error: unknown): Pick<EndedRequest, 'status' | 'code'> {
  if (error instanceof Refusal) return { status: error.status, code: error.code }
  if (error instanceof ConnectionLostError) return { status: null, code: 'CONNECTION_LOST' }
  return { status: 500, code: 'INTERNAL' }
}

interface EndedRequest {
  readonly exchange: Exchange
  readonly route: Route | null
  /** `null`: nobody was there to be answered. */
  readonly status: number | null
  /** That of the error; `null` without one. */
  readonly code: string | null
  /** Of `performance.now()`. */
  readonly begunAt: number
}

/** Of the path only what the table has of it: the rest may hold anything. */
function tellRequest(log: RequestLog, { exchange, route, status, code, begunAt }: EndedRequest): void {
  const { method, facts } = exchange
  const path = route?.path ?? 'other'
  const took = Math.round((performance.now() - begunAt) * 10) / 10
  const fields = { requestId: facts.requestId, route: path, method, status, ms: took, ...(code !== null && { code }) }
  const message = [method, path, took, 'ms', status, code].filter((part) => part !== null).join(' ')
  if (route?.isProbe === true) log.debug(fields, message)
  else log.info(fields, message)
}

function matches(route: string, path: string): boolean {
  return route === path || (route !== '/' && route.endsWith('/') && path.startsWith(route))
}

function originFacts({ request, facts, method }: Exchange, purpose: OriginFacts['purpose']): OriginFacts {
  return {
    method,
    purpose,
    site: singleHeader(request, 'sec-fetch-site'),
    mode: singleHeader(request, 'sec-fetch-mode'),
    origin: singleHeader(request, 'origin'),
    contentType: essence(singleHeader(request, 'content-type')),
    hasSessionCookie: facts.credentials.sessionCookie !== null,
  }
}
