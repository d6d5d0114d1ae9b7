import { NotFoundError } from '../../core/errors.ts'
import type { Door, Exchange } from './exchange.ts'
import { essence, isStreamType, negotiate } from './media-type.ts'
import { type OriginFacts, type OriginPolicy, originRefusal } from './origin-check.ts'
import { singleHeader } from './single-header.ts'

export interface Route {
  /** The whole path, or its beginning where it ends in a slash (but for `/` itself). */
  readonly path: string
  readonly door: Door
  /** What a request does as far as foreign pages go; left out where anybody may ask anything. */
  readonly purpose?: (exchange: Exchange) => OriginFacts['purpose']
}

/** What a request to `/graphql` does. */
export function operationPurpose({ request }: Exchange): OriginFacts['purpose'] {
  const mediaType = negotiate(request.headers.accept ?? null)
  return mediaType !== null && isStreamType(mediaType) ? 'stream' : 'operation'
}

/** Finds the door of a request, and lets it in unless a foreign page sent it. */
export function createRouter(routes: readonly Route[], policy: OriginPolicy): Door {
  return async (exchange) => {
    const route = routes.find(({ path }) => matches(path, exchange.path))
    if (route === undefined) throw new NotFoundError('path')
    if (route.purpose !== undefined) {
      const refusal = originRefusal(originFacts(exchange, route.purpose(exchange)), policy)
      if (refusal !== null) throw refusal
    }
    await route.door(exchange)
  }
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
