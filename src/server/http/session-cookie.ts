import type { ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import type { SessionCookieJar } from '../../resolvers/context.ts'
import { hostCookieName, setHostCookie } from './set-cookie.ts'

export function sessionCookieName(secure: boolean): string {
  return hostCookieName('millrace', secure)
}

/** Sets the session cookie on an answer that has not begun. */
export function createSessionCookieJar(response: ServerResponse, secure: boolean, clock: Clock): SessionCookieJar {
  const name = sessionCookieName(secure)
  return {
    set: (value, expiresAt) => setHostCookie(response, { name, value, expiresAt, secure }, clock.now()),
    clear: () => setHostCookie(response, { name, value: '', expiresAt: 0, secure }, clock.now()),
  }
}
