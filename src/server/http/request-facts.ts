import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import type { DoorFacts } from '../request-context.ts'
import { createClientIp } from './client-ip.ts'
import { readCookie, readCredentials } from './credentials.ts'
import { createDeviceCookie, deviceCookieName, deviceHash } from './device-cookie.ts'
import type { OwnAddress } from './own-address.ts'
import { createRetryAfter } from './retry-after-header.ts'
import { createSessionCookieJar, sessionCookieName } from './session-cookie.ts'
import { refuseDoubledHeaders, singleHeader } from './single-header.ts'

/** Reads requests into plain values. */
export interface FactsReader {
  /** The id under which the request is logged and answered: ours, since one that comes along may be forged or reused. */
  requestId(request: IncomingMessage): string
  /**
   * What is known of a request. Without a response there is no cookie to set, as on an upgrade to WebSocket.
   * Throws `BAD_REQUEST` and `UNAUTHENTICATED` for headers that are doubled or malformed.
   */
  read(request: IncomingMessage, response: ServerResponse | null): DoorFacts
}

export interface FactsReaderOptions {
  readonly address: OwnAddress
  readonly trustedProxies: readonly string[]
  readonly clock: Clock
}

const userAgentLength = 256

export function createFactsReader({ address, trustedProxies, clock }: FactsReaderOptions): FactsReader {
  const clientIp = createClientIp(trustedProxies)
  const cookieName = sessionCookieName(address.secure)
  const ids = new WeakMap<IncomingMessage, string>()

  const requestId = (request: IncomingMessage) => {
    const id = ids.get(request) ?? randomUUID()
    ids.set(request, id)
    return id
  }
  return {
    requestId,
    read(request, response) {
      refuseDoubledHeaders(request)
      const headers = {
        apiKey: singleHeader(request, 'x-api-key'),
        authorization: singleHeader(request, 'authorization'),
        cookie: request.headers.cookie ?? null,
      }
      const id = requestId(request)
      const device = headers.cookie === null ? null : readCookie(headers.cookie, deviceCookieName(address.secure))
      return {
        requestId: id,
        credentials: readCredentials(headers, cookieName),
        client: {
          ip: clientIp(request.socket.remoteAddress, request.headersDistinct['x-forwarded-for'] ?? []),
          userAgent: request.headers['user-agent']?.slice(0, userAgentLength) ?? null,
          device: deviceHash(device),
          requestId: id,
        },
        sessionCookie: response === null ? null : createSessionCookieJar(response, address.secure, clock),
        deviceCookie:
          response === null ? null : createDeviceCookie(response, device, { secure: address.secure, clock }),
        retryAfter: response === null ? null : createRetryAfter(response),
      }
    },
  }
}
