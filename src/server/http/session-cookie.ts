import type { ServerResponse } from 'node:http'
import { stringifySetCookie } from 'cookie'
import type { Clock } from '../../core/clock.ts'
import type { SessionCookieJar } from '../../resolvers/context.ts'

/** The prefix makes browsers insist on Secure, Path=/ and no Domain, but does not work over plain http (RFC 6265bis). */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-millrace' : 'millrace'
}

/** Sets the session cookie on an answer that has not begun, and leaves other cookies of it alone; the last call counts. */
export function createSessionCookieJar(response: ServerResponse, secure: boolean, clock: Clock): SessionCookieJar {
  const name = sessionCookieName(secure)
  const write = (value: string, expiresAt: number) => {
    const maxAge = Math.max(0, Math.floor((expiresAt - clock.now()) / 1000))
    const line = stringifySetCookie({
      name,
      value,
      maxAge,
      expires: new Date(expiresAt),
      path: '/',
      httpOnly: true,
      secure,
      sameSite: 'lax',
    })
    const others = cookieLines(response).filter((other) => !other.startsWith(`${name}=`))
    response.setHeader('set-cookie', [...others, line])
  }
  return {
    set: write,
    clear: () => write('', 0),
  }
}

function cookieLines(response: ServerResponse): readonly string[] {
  const present = response.getHeader('set-cookie')
  if (present === undefined) return []
  return Array.isArray(present) ? present : [String(present)]
}
