import type { OriginPolicy } from './origin-check.ts'

type Headers = Readonly<Record<string, string>>

/** What pages of other origins may read of an answer besides its body. */
const exposed = 'millrace-cursor, retry-after, x-request-id'

/** Seconds that a browser may remember a preflight; more than this Chromium cuts. */
const preflightSeconds = 7200

/** The headers that let pages of an allowed origin read an answer. Closed for everyone else. */
export function corsHeaders(origin: string | null, policy: OriginPolicy): Headers {
  if (origin === null || !policy.isAllowed(origin)) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': exposed,
  }
}

/** The further headers that answer the question of a browser whether a page may make a request. */
export function preflightHeaders(origin: string | null, policy: OriginPolicy): Headers {
  if (origin === null || !policy.isAllowed(origin)) return {}
  return {
    'access-control-allow-methods': 'GET, HEAD, POST',
    'access-control-allow-headers':
      'accept, apollo-require-preflight, authorization, cache-control, content-type, last-event-id, range, x-api-key',
    'access-control-max-age': String(preflightSeconds),
  }
}
