import { Refusal } from '../../core/errors.ts'
import type { OwnAddress } from './own-address.ts'

/** Which pages may call this server: its own and those of `CORS_ORIGINS`. */
export interface OriginPolicy {
  /** Whether pages of the origin may. Without one the caller is no page: programs may open WebSockets. */
  isAllowed(origin: string | null): boolean
}

export function createOriginPolicy(address: OwnAddress, corsOrigins: readonly string[]): OriginPolicy {
  return {
    isAllowed: (origin) => origin === null || corsOrigins.includes(origin) || address.origins().includes(origin),
  }
}

/** What tells a request of a page from one that another page smuggles in. */
export interface OriginFacts {
  readonly method: string
  /** `Sec-Fetch-Site`, which no page can set. */
  readonly site: string | null
  /** `Sec-Fetch-Mode`. */
  readonly mode: string | null
  readonly origin: string | null
  /** Without parameters, in lower case. */
  readonly contentType: string | null
  readonly hasSessionCookie: boolean
  /** A plain GET query can change nothing and its answer is unreadable across origins; a stream or a file costs something. */
  readonly purpose: 'operation' | 'stream' | 'download'
}

/** What a page can send to anyone without the browser asking first (Fetch standard, "CORS-safelisted request-header"). */
const simpleTypes: readonly (string | null)[] = [
  null,
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
]

/**
 * The refusal of a request that a foreign page makes, also without a cookie: a page could otherwise sign its visitor in as
 * somebody else. `null` where the request may go on. Programs, which send neither `Sec-Fetch-Site` nor `Origin`, may as
 * long as they hold no cookie.
 */
export function originRefusal(facts: OriginFacts, policy: OriginPolicy): Refusal | null {
  return facts.method === 'GET' || facts.method === 'HEAD'
    ? readingRefusal(facts, policy)
    : writingRefusal(facts, policy)
}

function readingRefusal(facts: OriginFacts, policy: OriginPolicy): Refusal | null {
  if (facts.purpose === 'operation' || !facts.hasSessionCookie) return null
  // A link to a file that somebody follows.
  if (facts.purpose === 'download' && facts.mode === 'navigate') return null
  if (isOwnSite(facts)) return null
  if (facts.origin !== null) return policy.isAllowed(facts.origin) ? null : foreignPage(facts)
  return facts.site === null ? null : foreignPage(facts)
}

function writingRefusal(facts: OriginFacts, policy: OriginPolicy): Refusal | null {
  // Also where the browser takes it for our own page: a name that was made to point here (DNS rebinding) looks so to it.
  if (facts.origin !== null) return policy.isAllowed(facts.origin) ? null : foreignPage(facts)
  if (isOwnSite(facts)) {
    const isUnasked = facts.site === 'none' && facts.hasSessionCookie && simpleTypes.includes(facts.contentType)
    return isUnasked ? unknownOrigin() : null
  }
  if (facts.site !== null) return foreignPage(facts)
  return facts.hasSessionCookie ? unknownOrigin() : null
}

/** The page is our own, or there is none: typed into the address bar, or from a bookmark. */
function isOwnSite({ site }: OriginFacts): boolean {
  return site === 'same-origin' || site === 'none'
}

function foreignPage({ origin }: OriginFacts): Refusal {
  const who = origin === null ? 'another site' : origin.slice(0, 200)
  return new Refusal(
    'CSRF_REFUSED',
    `This request comes from a page of ${who}, which may not call this server. PUBLIC_URL and CORS_ORIGINS say which pages may.`,
  )
}

function unknownOrigin(): Refusal {
  return new Refusal(
    'CSRF_REFUSED',
    'A request with the session cookie must tell by Origin or Sec-Fetch-Site which page it comes from. Programs use a bearer token.',
  )
}
