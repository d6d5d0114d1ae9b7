import type { ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { newSecret, sha256 } from '../../core/secrets.ts'
import type { DeviceCookie } from '../../resolvers/context.ts'
import { hostCookieName, setHostCookie } from './set-cookie.ts'

const lifetimeMs = 365 * 24 * 60 * 60 * 1000

const shape = /^[A-Za-z0-9_-]{43}$/

export function deviceCookieName(secure: boolean): string {
  return hostCookieName('millrace-device', secure)
}

/** What is known of the browser by the cookie that it sent: its SHA-256; `null` for none, or for what is none of ours. */
export function deviceHash(cookie: string | null): string | null {
  return cookie !== null && shape.test(cookie) ? sha256(cookie) : null
}

/** The device cookie of a request and its answer. */
export function createDeviceCookie(
  response: ServerResponse,
  sent: string | null,
  { secure, clock }: { readonly secure: boolean; readonly clock: Clock },
): DeviceCookie {
  let hash = deviceHash(sent)
  return {
    ensure() {
      if (hash !== null) return hash
      const value = newSecret(32)
      const expiresAt = clock.now() + lifetimeMs
      setHostCookie(response, { name: deviceCookieName(secure), value, expiresAt, secure }, clock.now())
      hash = sha256(value)
      return hash
    },
  }
}
