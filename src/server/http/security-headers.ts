import { randomBytes } from 'node:crypto'

type Headers = Readonly<Record<string, string>>

const twoYears = 63_072_000

/** The headers of every answer (OWASP ASVS 5.0, 3.4): nothing may be cached, framed, sniffed or read across origins. */
export function securityHeaders(secure: boolean): Headers {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(secure ? { 'strict-transport-security': `max-age=${twoYears}; includeSubDomains` } : {}),
  }
}

/** A new nonce for the scripts and styles of one page. */
export function newNonce(): string {
  return randomBytes(16).toString('base64')
}

export interface PagePolicyOptions {
  readonly nonce: string
  /** Origins that the page may talk to; their WebSockets are allowed with them. */
  readonly origins: readonly string[]
  /** Directives of this page that replace ours, by name. */
  readonly directives?: Readonly<Record<string, string>>
}

/** The Content-Security-Policy of a page for people: only scripts that carry the nonce run, and what they import. */
export function pagePolicy({ nonce, origins, directives = {} }: PagePolicyOptions): string {
  // Older browsers do not take 'self' for sockets. A policy cannot name an IPv6 address.
  const sockets = origins.filter((origin) => !origin.includes('[')).map((origin) => origin.replace(/^http/, 'ws'))
  const policy = {
    'default-src': "'none'",
    'script-src': `'nonce-${nonce}'`,
    'style-src': `'nonce-${nonce}'`,
    'img-src': "'self' data:",
    'connect-src': ["'self'", ...sockets].join(' '),
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
    ...directives,
  }
  return Object.entries(policy)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}
