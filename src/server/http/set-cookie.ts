import type { ServerResponse } from 'node:http'
import { stringifySetCookie } from 'cookie'

export interface HostCookie {
  readonly name: string
  readonly value: string
  readonly expiresAt: number
  readonly secure: boolean
}

/** The prefix makes browsers insist on Secure, Path=/ and no Domain, but does not work over plain http (RFC 6265bis). */
export function hostCookieName(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name
}

/**
 * Sets a cookie of this host, which scripts cannot read, on an answer that has not begun, and leaves other cookies of it
 * alone; the last call for a name counts. `now` and `expiresAt` are ms since 1970.
 */
export function setHostCookie(response: ServerResponse, cookie: HostCookie, now: number): void {
  const { name, value, secure, expiresAt } = cookie
  const line = stringifySetCookie({
    name,
    value,
    maxAge: Math.max(0, Math.floor((expiresAt - now) / 1000)),
    expires: new Date(expiresAt),
    path: '/',
    httpOnly: true,
    secure,
    sameSite: 'lax',
  })
  const others = cookieLines(response).filter((other) => !other.startsWith(`${name}=`))
  response.setHeader('set-cookie', [...others, line])
}

function cookieLines(response: ServerResponse): readonly string[] {
  const present = response.getHeader('set-cookie')
  if (present === undefined) return []
  return Array.isArray(present) ? present : [String(present)]
}
